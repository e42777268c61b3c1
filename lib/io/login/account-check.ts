import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '../../exit-code.ts'
import { fileNames } from '../../invariant.ts'
import { compareAccounts } from '../../login/account.ts'
import type { Journal } from '../../login/journal.ts'
import type { Sight } from '../../login/order.ts'
import { makeTokenFile } from '../../login/token-file.ts'
import { type StoredReply, tokensIn } from '../../login/token-reply.ts'
import { logIn, push } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { see } from './answer.ts'
import { type Known, logOut, type Trouble, whoIs } from './bank-api.ts'
import { writeDurably } from './durable-file.ts'
import { bankName, type Login } from './login.ts'
import { readPending, removePending } from './recover.ts'
import { fingerprintOf, readTransitCopy, setAside } from './transit-copy.ts'

/** The bank is asked whose login it is this often before that is left for later. */
const whoTries = 3
const retryMs = 2000

/** The login is another person's: it has been given up, and nothing of it was pushed. */
export class WrongAccount extends Problem {}

/**
 * Finds out whose login it is, compares with what Z2 recorded, and only then gives the token file the runbook's name.
 * @returns the journal at `account-ok`
 * @throws WrongAccount; Problem when the bank cannot be asked or a person must answer: the login then waits on this Mac
 */
export async function checkAccount(login: Login, journal: Journal): Promise<Journal> {
  const { bank, folder, terminal, config } = login
  const reply = readPending(bank, folder)
  if (reply === null) throw notHere(login, journal)
  const [sight, who] = await terminal.wait(
    `asking ${bankName[bank]} whose login it is`,
    null,
    Promise.all([see(login), identity(login, reply)]),
  )
  await mustBeSame(login, reply, sight, who)
  const { text, refresh, notes } = makeTokenFile({
    reply,
    shape: sight.token.shape,
    keyNames: config.keyNames,
    consentEnd: who.consentEnd,
    fingerprint: fingerprintOf,
  })
  for (const note of notes) terminal.say(`  ! ${note}`)
  if (readTransitCopy(login)?.refresh !== refresh) setAside(login)
  writeDurably(join(folder, fileNames[bank].token), text)
  const checked = login.journal.advance('account-ok', {
    refresh,
    account: who.account.length > 0 ? who.account : (sight.record?.account ?? []),
    consentEnd: who.consentEnd,
  })
  removePending(bank, folder)
  return checked
}

async function identity({ endpoints, interruption, flags, bank }: Login, reply: StoredReply): Promise<Known> {
  let last: Trouble | undefined
  for (let tries = 1; tries <= whoTries; tries += 1) {
    const answer = await whoIs(reply, endpoints)
    if (answer.kind === 'known') return answer
    last = answer
    if (last.expired) return nobody(bank)
    interruption.check()
    await sleep(retryMs)
  }
  throw new Problem({
    what: `${bankName[bank]} does not say whose login it is`,
    why: last?.says ?? '',
    next: push(bank, flags.stack),
    left: 'you are logged in and the tokens are on this Mac; nothing was pushed yet',
  })
}

/** After an hour TrueLayer's access token is over, and the Mac never refreshes: only the person knows then. */
const nobody = (bank: Login['bank']): Known => ({
  account: [],
  shown: `whoever logged in at ${bankName[bank]} then`,
  consentEnd: null,
})

async function mustBeSame(login: Login, reply: StoredReply, { record }: Sight, who: Known): Promise<void> {
  const { bank, terminal, flags } = login
  const compared = compareAccounts(bank, record?.account ?? [], who.account)
  if (compared === 'same') {
    terminal.tick(bank === 'monzo' ? 'same Monzo user as before' : `same accounts as before: ${who.shown}`)
    return
  }
  if (compared === 'other') throw await givenUp(login, reply, who)
  terminal.say(`  ! ${doubt(compared, who)}`)
  if (await terminal.asks(`is ${who.shown} the right one`, 'yes')) return
  if (terminal.isInteractive) throw await givenUp(login, reply, who)
  throw new Problem(
    {
      what: `is ${who.shown} the account that ct109 polls`,
      why: 'that takes an answer from a person, and this is not a terminal',
      next: push(bank, flags.stack),
      left: 'you are logged in and the tokens are on this Mac; nothing was pushed yet',
    },
    exitCode.personNeeded,
  )
}

function doubt(compared: 'ask' | 'unknown', { account }: Known): string {
  if (compared === 'ask') return 'not every account of the last login is among these'
  return account.length === 0
    ? 'the bank does not say any more whose login it is: too much time has passed'
    : 'z2 has no record of whose account ct109 polls'
}

/** Nothing of another person's login stays on this Mac, but for what the person says about its session at the bank. */
async function givenUp(login: Login, reply: StoredReply, who: Known): Promise<WrongAccount> {
  const { bank, folder, terminal, endpoints, journal } = login
  const endIt = await terminal.asks(`log this one out at ${bankName[bank]} as well`, 'yes')
  const ended = endIt ? await logOut(bank, endpoints, tokensIn(reply).access) : null
  removePending(bank, folder)
  journal.end()
  const session =
    ended?.kind === 'done'
      ? 'it is logged out at the bank'
      : 'its session at the bank goes on until it ends by itself'
  const chain =
    bank === 'monzo'
      ? 'if it was the same Monzo client and user, nothing can bring the chain on ct109 back'
      : 'the chain on ct109 is as it was'
  return new WrongAccount(
    {
      what: `that was another ${bankName[bank]} account`,
      why: `you logged in as ${who.shown}`,
      next: `log in with the right account: ${logIn(bank, login.flags.stack)}`,
      left: `nothing was pushed and its tokens are deleted here; ${session}. ${chain}`,
    },
    exitCode.personNeeded,
  )
}

/** Until `account-ok` is noted the reply stays, so somebody took it away by hand. */
const notHere = ({ bank, flags }: Login, { changedAt }: Journal): Problem =>
  new Problem({
    what: 'the tokens of the unfinished login are not on this Mac any more',
    why: `they came at ${changedAt.slice(0, 16).replace('T', ' ')} UTC, and ${bank}.pending.json in .reauth is gone or broken`,
    next: `${logIn(bank, flags.stack)} --new-login`,
    left: 'nothing was changed',
  })
