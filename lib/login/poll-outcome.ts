import type { Bank } from '../invariant.ts'
import { latestEvidence } from '../log-evidence.ts'
import { logIn, verify } from '../next-step.ts'
import type { LogEvent } from '../probe-record.ts'
import { Problem } from '../problem.ts'
import type { Replies } from './order.ts'

/** How the one poll stands. */
export type Polled = Exclude<Replies['polled'], { failed: string }>

/** What the one poll came to that was started to prove a login. Only its own lines are judged. */
export type PollOutcome =
  | { kind: 'good'; says: string }
  /** Monzo: the app approval is missing; the tokens are good */
  | { kind: 'approval' }
  | { kind: 'dead'; says: string }
  | { kind: 'trouble'; says: string }

/** Judges a poll that has ended, from its service's result and the lines that it wrote. */
export function judgePoll(bank: Bank, { ran, result, events, transactions, lines }: Polled): PollOutcome {
  const last = lines.at(-1)?.trim() ?? ''
  if (!ran) return { kind: 'trouble', says: 'the service was started and did not run' }
  const evidence = latestEvidence(bank, events as LogEvent[])
  if (evidence.kind === 'dead') return { kind: 'dead', says: evidence.says }
  if (evidence.kind === 'approval') return { kind: 'approval' }
  if (evidence.kind === 'trouble') return { kind: 'trouble', says: last || evidence.says }
  if (result !== 'success') return { kind: 'trouble', says: last || `the service ended with ${result}` }
  if (evidence.kind === 'none') return { kind: 'trouble', says: last || 'it wrote nothing to its log' }
  const counted = transactions === null ? evidence.says : `${transactions} transactions`
  return { kind: 'good', says: `${counted}, no ${bank === 'monzo' ? '401' : 'invalid_grant'}` }
}

/** The error of a poll that did not prove the login. The Mac's copy stays, since nothing is known to be good yet. */
export function pollProblem(
  bank: Bank,
  stack: string,
  outcome: Extract<PollOutcome, { kind: 'dead' | 'trouble' }>,
): Problem {
  const stays =
    'the tokens are on ct109 and its timer runs; the copy on this Mac is kept until a poll is good'
  if (outcome.kind === 'dead')
    return new Problem({
      what: 'the poll with the new tokens says that they are dead',
      why: outcome.says,
      next: `${verify(bank, stack)}; if it says so again, ${logIn(bank, stack)} --new-login`,
      left: stays,
    })
  return new Problem({
    what: 'the poll with the new tokens met trouble, and not with the tokens',
    why: outcome.says,
    next: verify(bank, stack),
    left: `${stays}; the next poll may well be`,
  })
}
