import { withoutControls } from './mask.ts'

/** The four lines that a person gets instead of a stack. Each is one sentence without a full stop. */
export type Lines = {
  /** what went wrong, in the words of the domain */
  what: string
  /** the cause, as exact as it is known; foreign text must already be masked */
  why: string
  /** one command to copy, or the one thing to do */
  next: string
  /** what state things are in now */
  left: string
}

/**
 * An error that a person can act on. Everything else that is thrown is a bug of ours and shows its stack.
 * `exitCode` is one of `exitCode` in exit-code.ts.
 */
export class Problem extends Error {
  override name = 'Problem'
  readonly lines: Lines
  readonly exitCode: number

  constructor(lines: Lines, exitCode = 1) {
    super(lines.what)
    this.lines = lines
    this.exitCode = exitCode
  }
}

/** What Z2, a bank or a file says may stand in any of the lines, and steers no terminal. */
const indented = (text: string): string => withoutControls(text).split('\n').join('\n       ')

/** The four lines of a Problem, aligned, ready for standard error. `prefix` is empty where a host program says "error: " itself. */
export function renderProblem({ what, why, next, left }: Lines, prefix = 'error: '): string {
  return [
    `${prefix}${withoutControls(what)}`,
    `why:   ${indented(why)}`,
    `next:  ${indented(next)}`,
    `left:  ${indented(left)}`,
  ].join('\n')
}
