import type { Verdict } from '../finding.ts'
import type { Bank, Invariant } from '../invariant.ts'
import { type Held, heldBy } from '../lease.ts'
import { notePaths } from '../login-note.ts'
import { ask, sshAsTyped } from '../next-step.ts'
import { inCommand } from '../quote.ts'
import type { Context } from './context.ts'

/** Who logs in at a bank right now, by Z2's clock; null where nobody does. */
export const leaseOf = ({ seen }: Pick<Context, 'seen'>, bank: Bank): Held | null =>
  heldBy(seen.host.logins[bank].lease, seen.host.nowMs)

/**
 * While somebody logs in at a bank, its timer is stopped and its files are replaced on purpose: what differs is left to
 * them, what holds holds. Its last poll says who it is.
 */
export function besideLease(one: Invariant, verdict: Verdict, context: Context): Verdict {
  const held = 'bank' in one ? leaseOf(context, one.bank) : null
  if (!held || !('bank' in one)) return verdict
  const isPoll = one.kind === 'last-poll'
  const isLeft =
    verdict.state === 'differs' || (one.kind === 'transit-copy' && verdict.state === 'needs-person')
  if (!isPoll && !isLeft) return verdict
  const isDecided = isPoll && verdict.poll === 'not-pushed'
  const isBroken = isPoll && held.isBroken && verdict.state === 'holds'
  const state = verdict.state === 'differs' || isBroken ? 'needs-person' : verdict.state
  return {
    ...verdict,
    state,
    seen: `${verdict.seen}; ${held.says}`,
    ...(state === 'needs-person' &&
      !(isDecided && held.isBroken) && { next: afterwards(held, one.bank, context) }),
    ...(isPoll && !isDecided && { poll: 'reauth-running' as const }),
  }
}

/** What to do about a lease: wait, or look at the file that cannot be read. */
export function afterwards({ isBroken }: Held, bank: Bank, { config, stack }: Context): string {
  if (!isBroken) return `wait until it has ended, then ${ask(bank, stack)}`
  return `${sshAsTyped(config)} cat ${inCommand(`${config.hostRoot}${notePaths(config, bank).lease}`)}`
}
