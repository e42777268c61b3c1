import { exitCode } from '../exit-code.ts'
import { masked } from '../mask.ts'
import { Problem, renderProblem } from '../problem.ts'

/** Prints what ended a command to standard error; returns its exit code. Anything but a Problem is our own bug. */
export function report(error: unknown): number {
  if (error instanceof Problem) {
    console.error(renderProblem(error.lines))
    return error.exitCode
  }
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)) : []
  console.error(['error: this is a bug', masked(String(error)), ...frames].join('\n'))
  return exitCode.failed
}

/** Ends the process with the exit code that `work` resolves to; what it rejects with is printed. */
export async function exitWith(work: Promise<number>): Promise<void> {
  process.exitCode = await work.catch(report)
}
