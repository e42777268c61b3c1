import { type Answer, json } from './answer.ts'
import { type Chain, note } from './book.ts'
import { findByAccess } from './chain.ts'
import type { Request } from './request.ts'
import { type Account, natwestAccounts, natwestCards, type Transaction, transactionsOf } from './statement.ts'
import {
  accessDenied,
  accountNotFound,
  invalidDateRange,
  invalidToken,
  notFound,
  scaExceeded,
} from './truelayer-error.ts'
import { consentMs, credentialsId, isLapsed, type Truelayer } from './truelayer-token.ts'

const dayMs = 86_400_000
const provider = {
  display_name: 'NatWest',
  logo_uri: 'https://example.test/natwest.svg',
  provider_id: 'ob-natwest',
}

const results = (all: unknown[]): Answer => json(200, { results: all, status: 'Succeeded' })
const time = (at: number): string => new Date(at).toISOString()

/** Everything below /data/v1 (B6, B7). The real one answers the same question from a cache for an hour [D]; this one never does. */
export function data(book: Truelayer, request: Request): Answer {
  const chain = findByAccess(book, request.bearer)
  if (typeof chain === 'string') {
    note(book, { event: 'unauthorised', says: chain })
    const ended = book.state.chains.find(({ access }) => access?.value === request.bearer)?.access?.until
    return invalidToken(ended)
  }
  if (isLapsed(book, chain)) {
    note(book, { event: 'forbidden', chain: chain.id, says: 'the consent is over' })
    return accessDenied()
  }
  const [kind = '', id, part] = request.path.replace(/^\/data\/v1\//, '').split('/')
  note(book, { event: 'data', chain: chain.id, says: part ?? kind })
  if (kind === 'me') return me(chain)
  if (kind === 'info') return results([{ full_name: 'Simulated Person', update_timestamp: time(book.now()) }])
  if (kind !== 'accounts' && kind !== 'cards') return notFound()
  if (!chain.scopes.includes(kind)) return accessDenied()
  const all = kind === 'accounts' ? natwestAccounts(chain.user) : natwestCards(chain.user)
  if (id === undefined) return results(all.map((one) => shape(book, kind, one)))
  const account = all.find((one) => one.id === id)
  return account ? ofAccount(book, chain, account, part, request) : accountNotFound()
}

const me = (chain: Chain): Answer =>
  results([
    {
      client_id: chain.client,
      credentials_id: credentialsId(chain),
      consent_status: 'Authorised',
      consent_status_updated_at: time(chain.consentAt),
      consent_created_at: time(chain.consentAt),
      consent_expires_at: time(chain.consentAt + consentMs),
      provider,
      scopes: chain.scopes,
      privacy_policy: 'Feb 2019',
    },
  ])

function shape(book: Truelayer, kind: 'accounts' | 'cards', one: Account): Record<string, unknown> {
  const common = {
    update_timestamp: time(book.now()),
    account_id: one.id,
    display_name: one.name,
    currency: one.currency,
    provider,
  }
  if (kind === 'cards')
    return {
      ...common,
      card_network: 'MASTERCARD',
      card_type: 'CREDIT',
      partial_card_number: one.number.slice(-4),
      name_on_card: 'S PERSON',
    }
  const iban = `GB33NWBK${one.sortCode.replaceAll('-', '')}${one.number}`
  return {
    ...common,
    account_type: one.kind,
    account_number: { number: one.number, sort_code: one.sortCode, iban, swift_bic: 'NWBKGB2L' },
  }
}

function ofAccount(
  book: Truelayer,
  chain: Chain,
  account: Account,
  part: string | undefined,
  { query }: Request,
): Answer {
  if (part === undefined)
    return results([shape(book, account.kind === 'CREDIT' ? 'cards' : 'accounts', account)])
  if (part === 'balance') return results([balance(book, account)])
  if (['standing_orders', 'direct_debits'].includes(part))
    return chain.scopes.includes(part) ? results([]) : accessDenied()
  if (part !== 'transactions') return notFound()
  if (!chain.scopes.includes('transactions')) return accessDenied()
  const now = book.now()
  // without a range the provider's own default counts; three months is a guess [U]
  const from = Date.parse(query.get('from') ?? time(now - 89 * dayMs))
  const to = Date.parse(query.get('to') ?? time(now))
  if (Number.isNaN(from) || Number.isNaN(to) || from > to) return invalidDateRange()
  if (from <= now - 90 * dayMs && now - chain.loggedInAt >= book.knobs.windowMs) {
    note(book, { event: 'forbidden', chain: chain.id, says: 'older than 90 days' })
    return scaExceeded()
  }
  return results(
    transactionsOf(account, now)
      .filter(({ at }) => at >= from && at <= to)
      .map(transaction),
  )
}

const balance = (book: Truelayer, { pence, currency }: Account): Record<string, unknown> => ({
  currency,
  available: pence / 100,
  current: pence / 100,
  overdraft: 0,
  update_timestamp: time(book.now()),
})

/** That a debit is a negative amount holds for accounts; for cards it is a guess [U]. */
const transaction = ({ id, at, pence, what }: Transaction): Record<string, unknown> => ({
  transaction_id: id,
  normalised_provider_transaction_id: `txn-${id}`,
  provider_transaction_id: id,
  timestamp: time(at),
  description: what.toUpperCase(),
  amount: pence / 100,
  currency: 'GBP',
  transaction_type: pence < 0 ? 'DEBIT' : 'CREDIT',
  transaction_category: 'PURCHASE',
  transaction_classification: [],
  meta: {},
})
