import { upCommand } from '../next-step.ts'
import { outcome } from '../outcome.ts'
import { lookObject, renderLook } from '../report.ts'
import { everyStack } from './every-stack.ts'
import { observe } from './observe.ts'
import { tellStacks } from './tell-stacks.ts'
import { misused } from './watch/watch-arguments.ts'

/**
 * `npm run drift -- --all`: prints a look at every stack, all taken at once; returns the worst exit code.
 * @throws Problem (64) where one stack is asked for as well
 */
export async function driftAll(json: boolean, rest: string[]): Promise<number> {
  if (rest.some((word) => /^--stack(=|$)/.test(word)))
    throw misused('drift', '--all and --stack do not go together')
  const all = await everyStack(async (config, stack) => (await observe(config, stack)).look)
  return tellStacks(all, json, {
    code: ({ findings }) => outcome(findings),
    json: (look) => ({ exitCode: outcome(look.findings), ...lookObject(look) }),
    text: (look, stack, colour) => renderLook(look, upCommand(stack), colour),
  })
}
