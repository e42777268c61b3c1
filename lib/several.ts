import { type Lines, renderProblem } from './problem.ts'

// Several stacks in one answer: each under its name, and one that could not be asked in its place among them.

/** One stack as text: what it has to say, or the four lines of its problem. */
export type Part = { stack: string; text: string } | { stack: string; problem: Lines }

/** All of them, without a final line end. */
export function renderSeveral(parts: Part[], leftOut: string[]): string {
  const blocks = parts.map((part) => {
    const text = 'text' in part ? part.text : renderProblem(part.problem)
    return `${part.stack}\n${text.replace(/^\n|\n$/g, '')}`
  })
  const left = leftOut.map((stack) => `${stack}\nleft out: this lab is not up`)
  return [...blocks, ...left].join('\n\n')
}

/** Where a stack could not be asked, for JSON: what is known of it, and why. */
export const problemJson = (
  stack: string,
  host: string | null,
  { what, why, next }: Lines,
  code: number,
): object => ({ stack, host, exitCode: code, problem: { what, why, next } })
