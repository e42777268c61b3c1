import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackAddress } from '../../login/callback-address.ts'
import type { Outcome } from '../../login/callback-page-text.ts'
import { exchangeProblem } from '../../login/exchange-problem.ts'
import type { ExchangeOutcome } from '../../login/outcome-text.ts'
import { logIn } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { checkAccount, WrongAccount } from './account-check.ts'
import { type Browsing, type Returned, startBrowsing } from './browse.ts'
import { carryOn, stoppedLine } from './carry-on.ts'
import { exchange } from './exchange.ts'
import { Interrupted } from './interruption.ts'
import type { Login } from './login.ts'
import { startPolls, stopPolls } from './poll-timer.ts'
import { forgetExchange } from './recover.ts'

/**
 * A new login, from the browser to the end: the callback comes, then the poll timer is stopped, and only then is the code
 * exchanged, since that is what ends the chain that CT109 holds.
 * @returns when CT109 will refresh for the first time, ms since 1970; null where that is not known
 * @throws Problem or Interrupted; the poll timer runs again then
 */
export async function logInAnew(login: Login, address: CallbackAddress): Promise<number | null> {
  const browsing = await startBrowsing(login, address)
  try {
    const returned = await browsing.returned()
    const before = await stopFor(login, browsing)
    const journal = await exchanged(login, browsing, returned, before, address)
    await browsing.answer('done')
    return await carryOn(login, journal, { before })
  } catch (error) {
    if (error instanceof Interrupted) await browsing.answer('cancelled')
    throw error
  } finally {
    await browsing.close()
  }
}

async function stopFor(login: Login, browsing: Browsing): Promise<string | null> {
  try {
    const before = await stopPolls(login, login.config.login.reachSeconds)
    login.terminal.tick(stoppedLine(login))
    return before
  } catch (error) {
    if (error instanceof Problem) {
      await browsing.answer(error.exitCode === 1 ? 'poll-running' : 'unreachable')
      throw nothingExchanged(login, error)
    }
    throw error
  }
}

// The words of the error are those of a look; what matters here is that the code was not used.
const nothingExchanged = ({ flags, bank }: Login, { lines, exitCode }: Problem): Problem =>
  new Problem(
    {
      ...lines,
      next: exitCode === 1 ? lines.next : `${lines.next}; then ${logIn(bank, flags.stack)}`,
      left: 'nothing was exchanged; the chain on ct109 is untouched',
    },
    exitCode,
  )

async function exchanged(
  login: Login,
  browsing: Browsing,
  { parameters, state, verifier }: Returned,
  before: string | null,
  { redirectUri }: CallbackAddress,
) {
  const { bank, folder, endpoints, journal, terminal, config } = login
  const { id, secret } = login.credentials()
  try {
    login.interruption.check()
    login.hold.check()
    journal.begin({ login: login.hold.me.login, refresh: null, account: null, consentEnd: null, before })
    const client = { id, secret }
    const scopes = bank === 'truelayer' ? config.truelayer.scopes : null
    const asked = { bank, folder, parameters, state, redirectUri, client, endpoints, scopes, verifier }
    const outcome = await patiently(() => exchange(asked))
    if (outcome.kind !== 'pending') {
      journal.end()
      forgetExchange(bank, folder)
      await browsing.answer(pageOf(outcome, parameters))
      throw exchangeProblem(bank, login.flags.stack, outcome, !new URLSearchParams(parameters).has('error'))
    }
    terminal.tick('tokens on this Mac, 0600')
    const checked = await checkAccount(login, journal.advance('tokens-on-mac'))
    return checked
  } catch (error) {
    if (error instanceof WrongAccount) await browsing.answer('wrong-account')
    await startPolls(login)
    throw error
  }
}

/** tries while the bank has not heard of it, so that the code is as good as before */
const exchangeTries = 3
const retryMs = 2000

/** Until it returns nothing is heeded but the disk. */
async function patiently(once: () => Promise<ExchangeOutcome>): Promise<ExchangeOutcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await once()
    if (outcome.kind !== 'trouble' || outcome.sent || tries === exchangeTries) return outcome
    await sleep(retryMs)
  }
}

type Failed = Exclude<ExchangeOutcome, { kind: 'pending' }>

const pages: Record<Failed['kind'], Outcome> = {
  refused: 'refused',
  config: 'client-refused',
  trouble: 'bank-trouble',
  lost: 'lost',
  quarantined: 'quarantined',
}

/** A login that the bank ended in the browser is told apart from a code that it did not take. */
function pageOf(outcome: Failed, parameters: string): Outcome {
  if (outcome.kind !== 'refused' || !new URLSearchParams(parameters).has('error')) return pages[outcome.kind]
  return outcome.code === 'access_denied' ? 'denied' : 'bank-error'
}
