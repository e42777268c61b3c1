import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'

/** Where the commands of a lab write: the answer, and what goes on meanwhile. */
export type Output = { say(line: string): void; tell(line: string): void }

/** A command line that makes no sense. */
export const misuse = (what: string, why: string, next: string): Problem =>
  new Problem({ what, why, next, left: 'nothing was changed' }, exitCode.usage)
