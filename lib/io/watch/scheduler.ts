import { setTimeout as sleep } from 'node:timers/promises'
import type { Order } from '../../watch/job.ts'
import { runProgram } from './program.ts'

/** A scheduler says its word within a second or two. */
const commandMs = 30_000

/** Whether a command of the scheduler ends well: null, or why it did not. */
export const runCommand = ([program = '', ...args]: string[]): Promise<string | null> =>
  runProgram(program, args, commandMs)

/** The same, as often as it may be tried. */
export async function runOrder({ command, tries }: Order): Promise<string | null> {
  for (let left = tries; ; left -= 1) {
    const why = await runCommand(command)
    if (why === null || left <= 1) return why
    await sleep(500)
  }
}
