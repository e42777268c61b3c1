import { z } from 'zod'
import { type Answer, json } from './answer.ts'
import { type Book, type Chain, note } from './book.ts'
import { findByAccess } from './chain.ts'
import type { MonzoKnobs } from './knob.ts'
import {
  badAccessToken,
  badParameter,
  flexForbidden,
  insufficientPermissions,
  missingParameter,
  notFound,
  verificationRequired,
} from './monzo-error.ts'
import type { Request } from './request.ts'
import { type Account, monzoAccounts, type Transaction, transactionsOf } from './statement.ts'

type Monzo = Book<MonzoKnobs>

const dayMs = 86_400_000
/** 89 days are served and 90 are not, by one client's measurement [T] */
const openDays = 90

/** Has the person tapped "approve" in the app, and not longer ago than 90 days? What the API says at day 90 is a guess [U]. */
export function isApproved(book: Monzo, chain: Chain): boolean {
  const { approveAt } = chain
  if (approveAt !== null && approveAt <= book.now()) {
    chain.approvedAt = approveAt
    chain.approveAt = null
    note(book, { event: 'approved', chain: chain.id, says: 'by itself' })
  }
  return chain.approvedAt !== null && book.now() - chain.approvedAt < openDays * dayMs
}

/** GET /ping/whoami (A4) works before the approval [T]. */
export function whoami(book: Monzo, request: Request): Answer {
  const chain = findByAccess(book, request.bearer)
  if (typeof chain === 'string') return refuse(book, chain)
  return json(200, { authenticated: true, client_id: chain.client, user_id: chain.user })
}

function refuse(book: Monzo, why: 'missing' | 'expired' | 'evicted' | 'bad'): Answer {
  note(book, { event: 'unauthorised', says: why })
  return badAccessToken(why)
}

/** Everything behind the approval gate (A5-A8). */
export function data(book: Monzo, request: Request): Answer {
  const chain = findByAccess(book, request.bearer)
  if (typeof chain === 'string') return refuse(book, chain)
  if (!isApproved(book, chain)) {
    note(book, { event: 'forbidden', chain: chain.id, says: 'not approved in the app' })
    return insufficientPermissions(chain.client, chain.user)
  }
  note(book, { event: 'data', chain: chain.id, says: request.path })
  if (request.path === '/accounts') return accounts(chain, request)
  const id = request.query.get('account_id')
  if (id === null) return missingParameter('account_id')
  const account = monzoAccounts(chain.user).find((one) => one.id === id)
  if (!account) return notFound()
  if (account.kind === 'uk_monzo_flex_backing_loan') return flexForbidden()
  return request.path === '/balance' ? balance(account) : transactions(book, chain, account, request)
}

function accounts(chain: Chain, request: Request): Answer {
  const type = request.query.get('account_type')
  const all = monzoAccounts(chain.user).filter(({ kind }) => type === null || kind === type)
  return json(200, {
    accounts: all.map(({ id, kind, name, currency, sortCode, number }) => ({
      id,
      description: name,
      created: '2019-03-14T09:26:53.589Z',
      closed: false,
      type: kind,
      currency,
      owners: [{ user_id: chain.user, preferred_name: 'Simulated Person' }],
      account_number: number,
      sort_code: sortCode.replaceAll('-', ''),
    })),
  })
}

const balance = ({ pence }: Account): Answer =>
  json(200, { balance: pence, total_balance: pence, currency: 'GBP', spend_today: 0 })

const page = z.coerce.number().int().min(1).max(100).catch(30)

function transactions(book: Monzo, chain: Chain, account: Account, { query }: Request): Answer {
  const since = query.get('since')
  const all = transactionsOf(account, book.now())
  const from = startOf(since, all)
  const before =
    query.get('before') === null ? Number.POSITIVE_INFINITY : Date.parse(query.get('before') ?? '')
  if (Number.isNaN(from)) return badParameter('since')
  if (Number.isNaN(before)) return badParameter('before')
  const fresh = book.now() - chain.loggedInAt < book.knobs.windowMs
  if (!fresh && from <= book.now() - openDays * dayMs) {
    note(book, { event: 'forbidden', chain: chain.id, says: 'older than 90 days' })
    return verificationRequired()
  }
  const found = all.filter(({ id, at }) => at >= from && at < before && id !== since)
  return json(200, {
    transactions: found.slice(0, page.parse(query.get('limit') ?? 30)).map((one) => shape(account, one)),
  })
}

/** `since` is a time or the id of a transaction; without it everything is asked for. */
function startOf(since: string | null, all: Transaction[]): number {
  if (since === null) return Number.NEGATIVE_INFINITY
  return all.find(({ id }) => id === since)?.at ?? Date.parse(since)
}

const shape = (
  { id: account_id }: Account,
  { id, at, pence, what }: Transaction,
): Record<string, unknown> => ({
  id,
  account_id,
  amount: pence,
  currency: 'GBP',
  created: new Date(at).toISOString(),
  settled: new Date(at + dayMs).toISOString(),
  description: what.toUpperCase(),
  merchant: null,
  category: 'general',
  notes: '',
  is_load: false,
})
