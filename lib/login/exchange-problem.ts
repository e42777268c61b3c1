import { exitCode } from '../exit-code.ts'
import type { Bank } from '../invariant.ts'
import { logIn } from '../next-step.ts'
import { Problem } from '../problem.ts'
import type { ExchangeOutcome } from './outcome-text.ts'

type Failed = Exclude<ExchangeOutcome, { kind: 'pending' }>

const untouched = 'no tokens were given; the chain on ct109 is untouched and its timer runs'

/** A code works once: a bank that refuses it may have given its tokens to somebody else. */
const usedElsewhere =
  'no tokens were given. should the code have been used elsewhere, the chain on ct109 ended with it: the next poll tells. the poll timer runs'

/** The error of an exchange that brought no login. Only `lost` and `quarantined` may have ended the chain on CT109, and for
 * Monzo a code that was refused. `wasAsked`: the bank's refusal came from the exchange, not with the browser. */
export function exchangeProblem(bank: Bank, stack: string, outcome: Failed, wasAsked = true): Problem {
  const again = logIn(bank, stack)
  const why = outcome.says
  switch (outcome.kind) {
    case 'refused':
      return new Problem({
        what: 'the bank did not allow the login',
        why,
        next: again,
        left: wasAsked && bank === 'monzo' ? usedElsewhere : untouched,
      })
    case 'config':
      return new Problem(
        {
          what: 'the bank does not accept this client',
          why,
          next: `put ${bank}_credentials.json or Pulumi.${stack}.yaml right, then ${again}`,
          left: `${untouched}. another login would not help`,
        },
        exitCode.usage,
      )
    case 'trouble':
      return new Problem({
        what: 'the login could not be finished just now',
        why,
        next: `wait some minutes, then ${again}`,
        left: outcome.sent ? `no tokens arrived; ${chainNow(bank)}. the poll timer runs` : untouched,
      })
    case 'lost':
      return lostLogin(bank, stack, why)
    case 'quarantined':
      return new Problem({
        what: 'what the bank gave is not a whole login',
        why,
        next: again,
        left: `it is kept in ${outcome.path} and is never pushed; ${chainNow(bank)}`,
      })
  }
}

/** The one loss that no program can prevent: the bank answered, or may have, and the answer never reached the disk. */
export const lostLogin = (bank: Bank, stack: string, why: string): Problem =>
  new Problem(
    {
      what: 'the login was lost, log in again',
      why,
      next: `${logIn(bank, stack)} --anyway`,
      left: `no token is on this Mac; ${chainNow(bank)}. the poll timer runs`,
    },
    exitCode.personNeeded,
  )

const chainNow = (bank: Bank): string =>
  bank === 'monzo'
    ? 'the chain on ct109 may have ended with it: the next poll tells'
    : 'the chain on ct109 is as it was'
