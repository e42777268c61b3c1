import type { z } from 'zod'
import type { AuditEntry } from './audit.ts'
import { type Book, type Chain, note, redirectUris } from './book.ts'
import {
  endChain,
  evictOthers,
  expireAccess,
  findByRefresh,
  giveAccess,
  giveRefresh,
  openChain,
} from './chain.ts'
import type { Knobs } from './knob.ts'
import { person, userId } from './login.ts'
import type { LoginTerms, TokenFile } from './login-terms.ts'
import { type BankSummary, summaryOf } from './summary.ts'
import { fingerprint } from './token.ts'

/** A simulated bank, as a test or a lab drives it. */
export type SimulatedBank<K extends Knobs, I> = ReturnType<typeof driveBank<K, I>>

const dayMs = 86_400_000

type Kind<K extends Knobs, I> = {
  schema: z.ZodType<K, I>
  scopes: string[]
  evicts: boolean
  makeAccess(book: Book<K>, chain: Chain): string
  isApproved(book: Book<K>, chain: Chain): boolean
  approve(book: Book<K>): number
  approveAt(book: Book<K>): number | null
}

export function driveBank<K extends Knobs, I>(book: Book<K>, kind: Kind<K, I>, save: () => void) {
  const alive = (): Chain[] => book.state.chains.filter(({ over }) => over === null)
  /** Does something to the bank and saves it. */
  const act = <T>(what: () => T): T => {
    const result = what()
    save()
    return result
  }
  const open = (terms: LoginTerms): Chain => {
    const chain = openChain(book, {
      client: book.client.id,
      user: userId(terms.who ?? person),
      scopes: kind.scopes,
      approveAt: terms.approved === undefined ? kind.approveAt(book) : null,
    })
    age(chain, terms.daysOld ?? 0)
    chain.approvedAt = terms.approved ? book.now() : null
    if (kind.evicts) evictOthers(book, chain)
    return chain
  }
  const age = (chain: Chain, days: number): void => {
    chain.loggedInAt = book.now() - days * dayMs
    chain.consentAt = chain.loggedInAt
    if (chain.approvedAt !== null) chain.approvedAt = chain.loggedInAt
  }
  const fileOf = (chain: Chain): TokenFile => ({
    access_token: chain.access?.value ?? '',
    refresh_token: chain.refresh ?? '',
    expires_at: Math.floor((chain.access?.until ?? 0) / 1000),
    ...(book.bank === 'truelayer' && { full_auth_at: Math.floor(chain.consentAt / 1000) }),
  })
  return {
    bank: book.bank,
    client: book.client,
    url: () => book.url(),
    /** Changes settings and returns all of them. Throws a ZodError for what is none. */
    knob: (changes: Partial<I>): K =>
      act(() => Object.assign(book.knobs, kind.schema.parse({ ...book.knobs, ...changes }))),
    /** What the bank knows, without secrets. */
    state: (): BankSummary<K> => summaryOf(book, kind.isApproved),
    audit: (): AuditEntry[] => [...book.state.audit],
    /** The refresh token of the latest login that lives. A secret: for tests. */
    liveRefresh: (): string | undefined => alive().at(-1)?.refresh ?? undefined,
    isLive: (refreshToken: string): boolean => findByRefresh(book, refreshToken) !== undefined,
    /** A whole login without a browser: what would be in the token file after it. */
    login: (terms: LoginTerms = {}): TokenFile =>
      act(() => {
        const chain = open(terms)
        giveAccess(book, chain, kind.makeAccess(book, chain))
        const issued = fingerprint(giveRefresh(book, chain))
        note(book, { event: 'exchange', chain: chain.id, issued, says: 'without a browser' })
        return fileOf(chain)
      }),
    /** Takes the tokens of a file that exists already for those of an approved login, as old as `full_auth_at` says, or a day. */
    adopt: (file: TokenFile, terms: LoginTerms = {}): void =>
      act(() => {
        const daysOld = file.full_auth_at === undefined ? 1 : (book.now() / 1000 - file.full_auth_at) / 86_400
        const chain = open({ approved: true, daysOld, ...terms })
        chain.refresh = file.refresh_token
        chain.access = { value: file.access_token, until: file.expires_at * 1000 }
        note(book, {
          event: 'exchange',
          chain: chain.id,
          issued: fingerprint(file.refresh_token),
          says: 'adopted',
        })
      }),
    /** One more address that a login may come back to, letter for letter. */
    register: (redirectUri: string): string[] =>
      act(() => {
        if (!redirectUris(book).includes(redirectUri)) book.state.redirectUris.push(redirectUri)
        return redirectUris(book)
      }),
    /** Taps "approve" for every login that waits for it. Returns how many there were. */
    approve: (): number => act(() => kind.approve(book)),
    expireAccess: (): void => act(() => expireAccess(book)),
    /** Kills every chain that lives. */
    killRefresh: (why: 'bad' | 'evicted' = 'bad'): void =>
      act(() => {
        for (const chain of alive()) {
          note(book, { event: 'killed', chain: chain.id, says: why })
          endChain(book, chain, why)
        }
      }),
    /** Login, consent and approval of every chain that lives were so many days ago. */
    age: (days: number): void =>
      act(() => {
        for (const chain of alive()) {
          age(chain, days)
          note(book, { event: 'aged', chain: chain.id, says: `${days} days` })
        }
      }),
    /** A bank that never saw anybody, with every knob at its default. What is registered stays. */
    reset: (): void =>
      act(() => {
        Object.assign(book.state, { chains: [], codes: [], spent: {}, links: [], audit: [] })
        Object.assign(book.knobs, kind.schema.parse({}))
      }),
  }
}
