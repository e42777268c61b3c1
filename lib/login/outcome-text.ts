import type { Bank } from '../invariant.ts'

/** What became of an exchange of a code for tokens. `says` is one line for a person, masked. */
export type ExchangeOutcome =
  /** the tokens are on this Mac's disk, in `<bank>.pending.json` */
  | { kind: 'pending' }
  /** the bank said no. `code` is the bank's own name for it, such as invalid_grant */
  | { kind: 'refused'; says: string; code: string | null }
  /** client id, secret or address are wrong: logging in again would not help */
  | { kind: 'config'; says: string }
  /** network or bank trouble, and no tokens. `sent` false: the bank never heard of it, and the same code may be tried again */
  | { kind: 'trouble'; says: string; sent: boolean }
  /** the bank was asked and its answer did not arrive whole: it may have ended the chain that CT109 holds */
  | { kind: 'lost'; says: string }
  /** an answer that must never be pushed; kept at `path` */
  | { kind: 'quarantined'; says: string; path: string }

/** The same before anything of it was moved on the disk. */
export type Judgement =
  | Exclude<ExchangeOutcome, { kind: 'quarantined' }>
  | { kind: 'quarantine'; says: string }

const names: Record<Bank, string> = { monzo: 'Monzo', truelayer: 'TrueLayer' }

/** The sentences that outcomes of an exchange are told in. */
export const outcomeText = {
  denied: (bank: Bank, error: string, more: string): string =>
    `${names[bank]} sent the browser back with ${error}${more ? `: ${more}` : ''}`,
  noCode: (bank: Bank): string => `${names[bank]} sent the browser back without a code`,
  notThisLogin: 'what the browser brought back does not belong to this login',
  refused: (bank: Bank, status: number, more: string): string =>
    `${names[bank]} refused the login: ${more || `HTTP ${status}`}`,
  client: (bank: Bank, error: string): string =>
    `${names[bank]} does not accept the client: ${error}; check client_id and client_secret in ${bank}_credentials.json`,
  address: (bank: Bank, status: number): string =>
    `HTTP ${status} from the address of ${names[bank]}'s tokens; check bulma:${bank}.tokenEndpoint`,
  redirect: (bank: Bank, status: number): string =>
    `HTTP ${status}: ${names[bank]} points to another address, and secrets are not carried there; check bulma:${bank}.tokenEndpoint`,
  troubleAtBank: (bank: Bank, status: number): string => `HTTP ${status}: trouble at ${names[bank]}`,
  notSent: (host: string, why: string): string => `${host} could not be reached: ${why}`,
  lost: (bank: Bank, why: string): string => `${names[bank]} was asked and its answer did not arrive: ${why}`,
  cut: (bank: Bank): string => `the answer of ${names[bank]} was cut off`,
  torn: 'what waits on this Mac is not the whole of a reply',
  killed: 'the exchange was ended from outside after the bank was asked',
  notStarted: 'the exchange was ended from outside before the bank was asked',
  notKept: (why: string): string => `the answer could not be written to this Mac's disk: ${why}`,
  noDisk: (why: string): string => `this Mac's disk refuses: ${why}`,
  notUnderstood: (bank: Bank): string => `the answer of ${names[bank]} is not what it should be`,
  notTokens: (bank: Bank): string => `the answer of ${names[bank]} is not the JSON of a login`,
  noToken: (bank: Bank): string =>
    `the tokens of ${names[bank]} hold line ends or other characters that no token has`,
  status: (bank: Bank, status: number): string =>
    `${names[bank]} answered HTTP ${status} in the place of 200`,
  noRefresh: {
    monzo:
      'Monzo gave no refresh token: its client must be confidential, which its developer console shows and cannot change',
    truelayer: 'TrueLayer gave no refresh token: offline_access must be among bulma:truelayer.scopes',
  } satisfies Record<Bank, string>,
  noScope: (missing: string[]): string =>
    `not everything was agreed to: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
}
