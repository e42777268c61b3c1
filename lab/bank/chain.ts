import { type Book, type Chain, type Code, mint, note } from './book.ts'
import { fingerprint } from './token.ts'

export type Over = 'evicted' | 'bad' | 'logged-out'

const spend = (book: Book, token: string | undefined | null, why: 'used' | 'expired' | Over): void => {
  if (token) book.state.spent[fingerprint(token)] = why
}

/** Ends a chain: neither of its tokens works from now on. */
export function endChain(book: Book, chain: Chain, why: Over): void {
  spend(book, chain.refresh, why)
  spend(book, chain.access?.value, why)
  chain.over = why
  chain.refresh = null
  chain.access = null
}

export type Opening = Pick<Code, 'client' | 'user' | 'scopes'> & { approveAt: number | null }

/** The chain of a login that was just exchanged, without tokens yet. */
export function openChain(book: Book, opening: Opening): Chain {
  const now = book.now()
  const chain: Chain = {
    ...opening,
    id: `chain-${++book.state.counter}`,
    refresh: null,
    refreshedAt: now,
    access: null,
    loggedInAt: now,
    consentAt: now,
    approvedAt: null,
    over: null,
  }
  book.state.chains.push(chain)
  return chain
}

/** Every other live chain of that person and client dies at once. Monzo's rule [D]; its tokens then say "evicted" [C]. */
export function evictOthers(book: Book, chain: Chain): void {
  for (const other of book.state.chains) {
    if (other === chain || other.over !== null) continue
    if (other.client !== chain.client || other.user !== chain.user) continue
    note(book, {
      event: 'evicted',
      chain: other.id,
      ...(other.refresh && { used: fingerprint(other.refresh) }),
    })
    endChain(book, other, 'evicted')
  }
}

/** A new access token; the one before it dies at once. */
export function giveAccess(book: Book, chain: Chain, value: string): void {
  spend(book, chain.access?.value, 'used')
  chain.access = { value, until: book.now() + book.knobs.accessTtlMs }
}

/** A new refresh token; the one before it dies at once. There is no grace. */
export function giveRefresh(book: Book, chain: Chain): string {
  spend(book, chain.refresh, 'used')
  chain.refresh = mint(book, 'refresh-token')
  chain.refreshedAt = book.now()
  return chain.refresh
}

export const findByRefresh = (book: Book, token: string): Chain | undefined =>
  book.state.chains.find(({ refresh, over }) => over === null && refresh === token)

/** Why a token that was one is none any more; undefined: it never was. */
export const whySpent = (book: Book, token: string) => book.state.spent[fingerprint(token)]

/** The chain of an access token, or why there is none. */
export function findByAccess(
  book: Book,
  token: string | undefined,
): Chain | 'missing' | 'expired' | 'evicted' | 'bad' {
  if (token === undefined) return 'missing'
  const chain = book.state.chains.find(({ access, over }) => over === null && access?.value === token)
  if (chain?.access && chain.access.until > book.now()) return chain
  if (chain) return 'expired'
  const why = whySpent(book, token)
  return why === 'evicted' || why === 'expired' ? why : 'bad'
}

/** The access tokens of all chains are over, as if their time had passed. */
export function expireAccess(book: Book): void {
  for (const { access, id } of book.state.chains) {
    if (access === null) continue
    access.until = book.now()
    note(book, { event: 'expired', chain: id })
  }
}

/** Takes a code: it works once, and not after its time. */
export function takeCode(book: Book, value: string): Code | undefined {
  const code = book.state.codes.find((one) => one.value === value)
  book.state.codes = book.state.codes.filter((one) => one !== code && one.until > book.now())
  return code && code.until > book.now() ? code : undefined
}
