import type { Verdict } from '../finding.ts'
import { type InvariantOf, macDir } from '../invariant.ts'
import { push, verify } from '../next-step.ts'
import { pathInCommand } from '../quote.ts'
import { type Context, idOf } from './context.ts'
import { fileFault } from './token-file.ts'
import { unfinished } from './unfinished.ts'

/** No token file is left on the Mac. It is never deleted by `up`: it may be the only live chain. */
export function judgeTransitCopy({ name, bank }: InvariantOf<'transit-copy'>, context: Context): Verdict {
  const want = 'absent'
  const { token } = context.seen.mac[bank]
  if (token.state === 'absent') return { state: 'holds', want, seen: 'absent' }
  const where = macDir(context.config, bank)
  if (token.state === 'unreadable') {
    return {
      state: 'unknown',
      want,
      seen: `${where} cannot be looked into: ${token.why}`,
      next: `ls -ld ${pathInCommand(where)}`,
    }
  }
  // The copy belongs to a login that is not finished, and the last poll says what is to be done about that.
  if (unfinished(context, bank))
    return { state: 'needs-person', want, seen: `in ${where}`, cause: idOf(context, 'last-poll', bank) }
  const onHost = context.seen.host.files.get(name)
  const alone = onHost === undefined || fileFault(onHost, context, name) !== undefined
  return alone
    ? {
        state: 'needs-person',
        want,
        seen: `in ${where}, keep: z2 has no good one`,
        next: push(bank, context.stack),
      }
    : { state: 'needs-person', want, seen: `in ${where}`, next: verify(bank, context.stack) }
}
