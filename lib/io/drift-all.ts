import { worstOf } from '../exit-code.ts'
import { upCommand } from '../next-step.ts'
import { outcome } from '../outcome.ts'
import { lookObject, renderLook } from '../report.ts'
import { problemJson, renderSeveral } from '../several.ts'
import { everyStack } from './every-stack.ts'
import { observe } from './observe.ts'
import { misused } from './watch/watch-arguments.ts'

/**
 * `npm run drift -- --all`: prints a look at every stack, all taken at once; returns the worst exit code.
 * @throws Problem (64) where one stack is asked for as well
 */
export async function driftAll(json: boolean, rest: string[]): Promise<number> {
  if (rest.some((word) => /^--stack(=|$)/.test(word)))
    throw misused('drift', '--all and --stack do not go together')
  const { stacks, leftOut } = await everyStack(async (config, stack) => (await observe(config, stack)).look)
  const codes = stacks.map((one) => ('found' in one ? outcome(one.found.findings) : one.problem.exitCode))
  const code = worstOf(codes)
  const colour = process.stdout.hasColors?.() ?? false
  if (json) {
    const all = stacks.map((one) =>
      'found' in one
        ? { exitCode: outcome(one.found.findings), ...lookObject(one.found) }
        : problemJson(one.stack, one.host, one.problem.lines, one.problem.exitCode),
    )
    console.log(JSON.stringify({ exitCode: code, stacks: all, leftOut }, null, 2))
  } else {
    const parts = stacks.map((one) =>
      'found' in one
        ? { stack: one.stack, text: renderLook(one.found, upCommand(one.stack), colour) }
        : { stack: one.stack, problem: one.problem.lines },
    )
    console.log(renderSeveral(parts, leftOut))
  }
  return code
}
