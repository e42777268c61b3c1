import { exchangeProblem } from '../../login/exchange-problem.ts'
import type { Journal } from '../../login/journal.ts'
import { logIn } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { carryOn } from './carry-on.ts'
import type { Login, Ready } from './login.ts'
import { startPolls } from './poll-timer.ts'
import { forgetExchange, recoverExchange } from './recover.ts'
import { withLease } from './session.ts'

const reached: Record<Journal['step'], string> = {
  exchanging: 'the login came back; whether its tokens arrived is looked at first',
  'tokens-on-mac': 'you are logged in; tokens are on this Mac, not yet on z2',
  'account-ok': 'you are logged in; tokens are on this Mac, not yet on z2',
  committed: 'tokens are on z2; a good poll is not seen yet',
  polled: 'tokens are on z2 and polled with; this Mac is not tidied up yet',
}

const minute = (iso: string): string => new Date(iso).toTimeString().slice(0, 5)

/**
 * Carries an unfinished login on from its journal, under its own id.
 * @returns when CT109 will refresh for the first time, ms since 1970; null where that is not known
 * @throws Problem, lostLogin among them: then nothing is unfinished any more
 */
export async function resume(ready: Ready, journal: Journal): Promise<number | null> {
  const { terminal, bank } = ready
  terminal.say(`${bank}: carrying on from ${minute(journal.changedAt)}. ${reached[journal.step]}`)
  terminal.say()
  return withLease(ready, journal.login, async (login) => {
    const now = journal.step === 'exchanging' ? await recover(login) : journal
    return carryOn(login, now, null)
  })
}

/** The journal was begun and the bank never asked: nothing happened, and a new login is as good as that one. */
export class NeverExchanged extends Problem {}

/** What a killed exchange left, judged from the disk alone. */
async function recover(login: Login): Promise<Journal> {
  const { bank, folder, terminal, flags, journal } = login
  const found = await terminal.wait('looking what the exchange left', null, recoverExchange(bank, folder))
  if (found.kind === 'pending') {
    terminal.tick('tokens on this Mac, 0600')
    return journal.advance('tokens-on-mac')
  }
  // The poll timer may still be stopped from then.
  await startPolls(login)
  journal.end()
  forgetExchange(bank, folder)
  if (found.kind === 'none')
    throw new NeverExchanged({
      what: 'that login brought no tokens, so there is nothing to carry on',
      why: found.says ?? 'it ended before the bank was asked for tokens',
      next: logIn(bank, flags.stack),
      left: 'the chain on ct109 is untouched and its timer runs',
    })
  throw exchangeProblem(bank, flags.stack, found)
}
