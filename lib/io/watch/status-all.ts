import { renderStatus } from '../../watch/status-report.ts'
import { everyStack } from '../every-stack.ts'
import { tellStacks } from '../tell-stacks.ts'
import { remember } from './memory.ts'
import { lookNow } from './status.ts'

/** `npm run status -- --all`: one screen for each stack, all looked at at once; returns the worst exit code. */
export async function statusOfAll(json: boolean): Promise<number> {
  const all = await everyStack(async (config, stack) => ({ config, ...(await lookNow(config, stack)) }))
  const code = tellStacks(all, json, {
    code: ({ status }) => status.exitCode,
    json: ({ status }) => status,
    text: ({ status }, _, colour) => renderStatus(status, colour),
  })
  for (const one of all.stacks) if ('found' in one) remember(one.found.config, one.stack, one.found.entry)
  return code
}
