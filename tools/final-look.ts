import { exitCode } from '../lib/exit-code.ts'
import { stackConfig } from '../lib/io/config-cache.ts'
import { observe } from '../lib/io/observe.ts'
import { report } from '../lib/io/problem-report.ts'
import { remember } from '../lib/io/watch/memory.ts'
import { noteAfter } from '../lib/io/watch/up-note.ts'
import { outcome } from '../lib/outcome.ts'
import { type Summary, summarise } from '../lib/plan.ts'
import { Problem } from '../lib/problem.ts'

/** What one more look found: its exit code (0 to 4), and one line; the line is empty where it could not look. */
export type Look = { code: number; line: string }

const count = (n: number, one: string, many: string): string[] =>
  n === 0 ? [] : [`${n} ${n === 1 ? one : many}`]

/** `hinata-z2 · 20 hold · 1 needs you`. `waiting`: how many of the unknown hang on another finding. */
export function lookLine(
  host: string,
  { holds, differs, needsPerson, unknown }: Summary,
  waiting = 0,
): string {
  const parts = [
    ...count(holds, 'holds', 'hold'),
    ...count(differs, 'differs', 'differ'),
    ...count(needsPerson, 'needs you', 'need you'),
    ...count(unknown - waiting, 'could not be looked at', 'could not be looked at'),
    ...count(waiting, 'waits for these', 'wait for these'),
  ]
  return [host, ...parts].join(' · ')
}

/**
 * Looks at the machines once more, as `npm run drift` does, and notes in the history what `up` has repaired. What it has
 * to say of a failure goes to standard error.
 * @param sinceMs when this `up` was started
 */
export async function finalLook(stack: string, sinceMs: number): Promise<Look> {
  const config = await stackConfig(stack)
  try {
    const observed = await observe(config, stack)
    noteAfter(observed, sinceMs)
    const { findings, host } = observed.look
    const waiting = findings.filter(({ cause }) => cause !== null).length
    return { code: outcome(findings), line: lookLine(host, summarise(findings), waiting) }
  } catch (error) {
    if (error instanceof Problem && error.exitCode === exitCode.couldNotLook)
      remember(config, stack, {
        v: 1,
        at: new Date().toISOString(),
        kind: 'unseen',
        by: 'up',
        why: error.lines.why,
      })
    return { code: report(error), line: '' }
  }
}
