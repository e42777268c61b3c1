import { fileNames } from '../../invariant.ts'
import type { Journal } from '../../login/journal.ts'
import { pollProblem } from '../../login/poll-outcome.ts'
import { remember } from '../watch/memory.ts'
import { checkAccount } from './account-check.ts'
import { see } from './answer.ts'
import { awaitApproval, notApproved } from './approval.ts'
import { commit } from './commit.ts'
import { finish } from './finish.ts'
import type { Login } from './login.ts'
import { startPolls, stopPolls } from './poll-timer.ts'
import { mayReplace } from './precedence.ts'
import { provePoll } from './proof.ts'
import { accessTokenOnMac } from './transit-copy.ts'

/** The poll timer was stopped for this login; `before` is what Z2 had then. */
export type StoppedPolls = { before: string | null }

/**
 * Takes a login that is on this Mac to its end, from whatever step it had reached: account, commit, poll, approval,
 * tidying up. Every step writes the journal first, so that this can be called again after anything.
 * @param stopped null when the poll timer was not stopped by this run
 * @returns when CT109 will refresh for the first time, ms since 1970; null where that is not known
 * @throws Problem or Interrupted; the poll timer runs again then
 */
export async function carryOn(
  login: Login,
  journal: Journal,
  stopped: StoppedPolls | null,
): Promise<number | null> {
  let now = journal
  let isStopped = stopped !== null
  try {
    if (now.step === 'tokens-on-mac') now = await checkAccount(login, now)
    if (now.step === 'account-ok') {
      const before = stopped ? stopped.before : await stopIfNewer(login, now)
      isStopped = before !== 'rotated'
      if (before !== 'rotated') await putInPlace(login, now, before)
      now = login.journal.advance('committed')
      noteLogin(login, now)
    }
    if (now.step === 'committed') {
      isStopped = true // where an earlier run was killed it may be
      await prove(login)
      isStopped = false
      now = login.journal.advance('polled')
    }
    return finish(login, now)
  } catch (error) {
    if (isStopped) await startPolls(login)
    throw error
  }
}

/** For the history of this Mac: when each login was. */
const noteLogin = ({ config, flags, bank }: Login, { login, changedAt }: Journal): void =>
  remember(config, flags.stack, { v: 1, at: changedAt, kind: 'login', bank, login })

/** Looks which chain is newer before anything is stopped for it. */
async function stopIfNewer(login: Login, journal: Journal): Promise<string | null | 'rotated'> {
  const sight = await see(login)
  if ((await mayReplace(login, journal, sight)) === 'rotated') return 'rotated'
  const before = await stopPolls(login)
  login.terminal.tick(stoppedLine(login))
  return before
}

/** What is said once the timer is stopped and no poll runs. */
export const stoppedLine = ({ config }: Login): string =>
  `poll timer stopped, no poll running (starts by itself in ${Math.ceil(config.login.switchSeconds / 60)} min if we vanish)`

async function putInPlace(login: Login, journal: Journal, before: string | null): Promise<void> {
  const done = await commit(login, journal, before)
  const { token, credentials } = fileNames[login.bank]
  const names = login.bank === 'monzo' ? `${token}, ${credentials}` : token
  login.terminal.tick(
    done === 'rotated'
      ? 'ct109 has this login already, and has refreshed it since'
      : `on z2: ${names}, checked and in place`,
  )
}

async function prove(login: Login): Promise<void> {
  const { terminal, bank, config } = login
  let outcome = await provePoll(login)
  if (outcome.kind === 'approval') {
    const answer = await awaitApproval(login, accessTokenOnMac(login))
    if (answer === 'approved') terminal.tick('approved')
    outcome = await provePoll(login, false)
    // CT109 may have refreshed meanwhile: then only its log tells, and it still says the same.
    if (outcome.kind === 'approval') throw notApproved(login.flags.stack, null)
  }
  if (outcome.kind !== 'good') throw pollProblem(bank, login.flags.stack, outcome)
  const at = new Date().toTimeString().slice(0, 5)
  terminal.tick(`poll on ct${config.containerId} at ${at}: ${outcome.says}`)
}
