import type { Bank } from '../../invariant.ts'
import {
  consentEnd,
  type Identity,
  monzoIdentity,
  parseAccounts,
  truelayerIdentity,
} from '../../login/account.ts'
import { errorIn } from '../../login/bank-answer.ts'
import { outcomeText } from '../../login/outcome-text.ts'
import { type StoredReply, tokensIn } from '../../login/token-reply.ts'
import { askBank, type BankAnswer } from './bank-request.ts'
import type { Endpoints } from './endpoint.ts'
import { fingerprintOf } from './transit-copy.ts'

// All that the Mac ever asks a bank with an access token: whose login it is, whether it is approved, and to end it.

/** Whose login it is, and when its consent ends in epoch seconds, if the bank says so. */
export type Known = Identity & { consentEnd: number | null }

/** What could not be found out, and why. `expired`: the access token is over, so that nobody will find it out with this login. */
export type Trouble = { kind: 'trouble'; says: string; expired: boolean }

/** Monzo names the user in the reply that gave the tokens; TrueLayer is asked for accounts and consent. Never throws for a bank's sake. */
export async function whoIs(
  reply: StoredReply,
  endpoints: Endpoints,
): Promise<({ kind: 'known' } & Known) | Trouble> {
  return reply.bank === 'monzo' ? monzoUser(reply, endpoints) : truelayerAccounts(reply, endpoints)
}

async function monzoUser(reply: StoredReply, { apiUrl }: Endpoints) {
  const { userId, access } = tokensIn(reply)
  const known = (id: string) => ({
    kind: 'known' as const,
    ...monzoIdentity(id, fingerprintOf),
    consentEnd: null,
  })
  if (userId !== null) return known(userId)
  const answer = await askBank(apiUrl, 'ping/whoami', access)
  const id = 'value' in answer && answer.status === 200 ? answer.value?.user_id : undefined
  return typeof id === 'string' && id !== '' ? known(id) : troubleOf('monzo', answer)
}

async function truelayerAccounts(reply: StoredReply, { apiUrl }: Endpoints) {
  const { access } = tokensIn(reply)
  const answer = await askBank(apiUrl, 'accounts', access)
  const accounts = 'value' in answer && answer.status === 200 ? parseAccounts(answer.value) : null
  if (accounts === null) return troubleOf('truelayer', answer)
  const me = await askBank(apiUrl, 'me', access)
  // Without an answer the end of the consent is merely not known: the login itself is as good.
  const ends = 'value' in me && me.status === 200 ? consentEnd(me.value) : null
  return { kind: 'known' as const, ...truelayerIdentity(accounts, fingerprintOf), consentEnd: ends }
}

/** `refreshed`: the access token is over, so CT109 has refreshed: ask no more and read its log. */
export type Approval = { kind: 'approved' | 'pending' | 'refreshed' } | Trouble

/** Has the person tapped "approve" in Monzo's app? */
export async function askApproval(
  { apiUrl }: Pick<Endpoints, 'apiUrl'>,
  accessToken: string,
): Promise<Approval> {
  const answer = await askBank(apiUrl, 'accounts', accessToken)
  if ('says' in answer) return troubleOf('monzo', answer)
  if (answer.status === 200 && Array.isArray(answer.value?.accounts)) return { kind: 'approved' }
  if (answer.status === 401) return { kind: 'refreshed' }
  const names = errorIn(JSON.stringify(answer.value))?.names ?? []
  const isPending = answer.status === 403 && names.some((name) => name.endsWith('insufficient_permissions'))
  return isPending ? { kind: 'pending' } : troubleOf('monzo', answer)
}

/** Ends a login at the bank, its refresh token included. */
export async function logOut(
  bank: Bank,
  { apiUrl, tokenEndpoint }: Pick<Endpoints, 'apiUrl' | 'tokenEndpoint'>,
  accessToken: string,
): Promise<{ kind: 'done' } | Trouble> {
  const answer =
    bank === 'monzo'
      ? await askBank(apiUrl, 'oauth2/logout', accessToken, 'POST')
      : await askBank(new URL(tokenEndpoint).origin, 'api/delete', accessToken, 'DELETE')
  if ('says' in answer) return troubleOf(bank, answer)
  // A 401 says that the access token is over, and nothing of the refresh token.
  return answer.status >= 200 && answer.status < 300 ? { kind: 'done' } : troubleOf(bank, answer)
}

function troubleOf(bank: Bank, answer: BankAnswer): Trouble {
  if ('says' in answer) return { kind: 'trouble', says: answer.says, expired: false }
  const { status, value } = answer
  const expired = status === 401
  const error = errorIn(JSON.stringify(value))
  const words = [error?.names[0], error?.words].filter(Boolean).join(', ')
  const isOwn = status >= 400 && status < 500 && words !== ''
  if (isOwn) return { kind: 'trouble', says: `HTTP ${status}: ${words}`, expired }
  const says = status === 200 ? outcomeText.notUnderstood(bank) : outcomeText.troubleAtBank(bank, status)
  return { kind: 'trouble', says, expired }
}
