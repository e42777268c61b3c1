import { worstOf } from '../../exit-code.ts'
import { problemJson, renderSeveral } from '../../several.ts'
import { renderStatus } from '../../watch/status-report.ts'
import { stackConfig } from '../config-cache.ts'
import { everyStack } from '../every-stack.ts'
import { remember } from './memory.ts'
import { lookNow } from './status.ts'

/** `npm run status -- --all`: one screen for each stack, all looked at at once; returns the worst exit code. */
export async function statusOfAll(json: boolean): Promise<number> {
  const { stacks, leftOut } = await everyStack(lookNow)
  const code = worstOf(
    stacks.map((one) => ('found' in one ? one.found.status.exitCode : one.problem.exitCode)),
  )
  if (json) {
    const all = stacks.map((one) =>
      'found' in one
        ? one.found.status
        : problemJson(one.stack, one.host, one.problem.lines, one.problem.exitCode),
    )
    console.log(JSON.stringify({ exitCode: code, stacks: all, leftOut }, null, 2))
  } else {
    const colour = process.stdout.hasColors?.() ?? false
    const parts = stacks.map((one) =>
      'found' in one
        ? { stack: one.stack, text: renderStatus(one.found.status, colour) }
        : { stack: one.stack, problem: one.problem.lines },
    )
    console.log(renderSeveral(parts, leftOut))
  }
  for (const one of stacks)
    if ('found' in one) remember(await stackConfig(one.stack), one.stack, one.found.entry)
  return code
}
