import { worstOf } from '../exit-code.ts'
import { problemJson, renderSeveral } from '../several.ts'
import type { OfStacks } from './every-stack.ts'

/** How what was found of one stack is told: its exit code, as programs get it, and as text. */
export type Telling<T> = {
  code(found: T): number
  json(found: T): object
  text(found: T, stack: string, colour: boolean): string
}

/** Prints what came of all stacks, and where one could not be asked why; returns the worst exit code. */
export function tellStacks<T>({ stacks, leftOut }: OfStacks<T>, json: boolean, as: Telling<T>): number {
  const code = worstOf(stacks.map((one) => ('found' in one ? as.code(one.found) : one.problem.exitCode)))
  if (json) {
    const all = stacks.map((one) =>
      'found' in one
        ? as.json(one.found)
        : problemJson(one.stack, one.host, one.problem.lines, one.problem.exitCode),
    )
    console.log(JSON.stringify({ exitCode: code, stacks: all, leftOut }, null, 2))
    return code
  }
  const colour = process.stdout.hasColors?.() ?? false
  const parts = stacks.map((one) =>
    'found' in one
      ? { stack: one.stack, text: as.text(one.found, one.stack, colour) }
      : { stack: one.stack, problem: one.problem.lines },
  )
  console.log(renderSeveral(parts, leftOut))
  return code
}
