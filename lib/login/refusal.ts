import type { Diagnosis, DoctorVerdict } from '../diagnosis.ts'
import { exitCode } from '../exit-code.ts'
import type { Bank } from '../invariant.ts'
import { ask, verify } from '../next-step.ts'
import { Problem } from '../problem.ts'

// "When to run" and "when NOT to run" of the runbooks. A finished Monzo login ends the chain that CT109 holds, so a
// login that is not needed is not merely idle.

/** `go`: a login is what is needed. `ask`: only after a person has looked. `refuse`: only with --anyway. `never`: it cannot help. */
type Need =
  | { kind: 'go' }
  | { kind: 'ask'; question: string }
  | { kind: 'refuse' | 'never'; why: string; next: (verdict: Diagnosis, stack: string) => string }

const name = { monzo: 'Monzo', truelayer: 'TrueLayer' } as const

const lookFirst = ({ next }: Diagnosis): string => next
const go = (): Need => ({ kind: 'go' })
const refuse =
  (why: string, next: (verdict: Diagnosis, stack: string) => string = lookFirst) =>
  (): Need => ({
    kind: 'refuse',
    why,
    next,
  })
const never =
  (why: string, next: (verdict: Diagnosis, stack: string) => string = lookFirst) =>
  (): Need => ({
    kind: 'never',
    why,
    next,
  })

const needs: Record<DoctorVerdict, (bank: Bank) => Need> = {
  'refresh-dead': go,
  'tokens-missing': go,
  'consent-ending': go,
  'approval-lapsed': () => ({
    kind: 'ask',
    question: 'have you looked through the feed of the Monzo app, and there is no prompt to approve',
  }),
  stalled: (bank) =>
    bank === 'monzo'
      ? {
          kind: 'ask',
          question: 'have you looked at the service, and transactions that you know of still do not arrive',
        }
      : refuse('nothing says invalid_grant; a silent poll is no reason for a login')(),
  'approval-pending': refuse(
    'accounts answers 403: the app approval is pending, the token itself is good',
    (_, stack) => `open the Monzo app and approve; then ${verify('monzo', stack)}`,
  ),
  healthy: refuse('polls run as they should, and the tokens are good', ({ bank }, stack) => ask(bank, stack)),
  'bank-trouble': refuse(
    'the log tells of network or bank trouble, not of a dead token; it passes by itself',
    ({ next, bank }, stack) => next || ask(bank, stack),
  ),
  'timer-stopped': refuse(
    'nothing polls because the timer does not run; the tokens have nothing to do with it',
  ),
  'poll-failed': refuse('the service failed, and not for want of a token'),
  'tokens-unreadable': refuse('ct109 cannot use its token file; the token itself may be good'),
  'container-down': never('the container is not as documented, so a login could not be brought there'),
  'not-pushed': never('a login is on this Mac already, and not yet on z2'),
  'reauth-running': never('somebody is logging in already'),
  unreachable: never('z2 could not be looked at'),
  unknown: never('it could not be looked at, so nobody knows whether a login is needed'),
}

export type Flags = { anyway: boolean; stack: string }

/**
 * Whether a login may begin.
 * @returns null to go on, or a question that a person must say yes to first
 * @throws Problem when a login is not what is needed
 */
export function mayLogIn(verdict: Diagnosis, { anyway, stack }: Flags): { question: string } | null {
  const { bank } = verdict
  const need = needs[verdict.verdict](bank)
  if (need.kind === 'go') return null
  if (need.kind === 'ask') return { question: need.question }
  if (need.kind === 'refuse' && anyway)
    return bank === 'monzo'
      ? { question: `${verdict.what}. end the chain that ct109 holds all the same` }
      : null
  throw new Problem(
    {
      what: `a ${name[bank]} login is not what is needed`,
      why: need.kind === 'never' && verdict.what ? `${need.why}: ${verdict.what}` : need.why,
      next: need.next(verdict, stack) || ask(bank, stack),
      left: 'nothing was changed',
    },
    verdict.exitCode === exitCode.asWanted ? exitCode.failed : verdict.exitCode,
  )
}
