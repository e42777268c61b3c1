import { type Book, type Chain, redirectUris } from './book.ts'
import type { Knobs } from './knob.ts'
import { fingerprint } from './token.ts'

/** One chain, without its tokens. */
export type ChainSummary = {
  id: string
  user: string
  refresh: string | null
  accessUntil: string | null
  approved: boolean
  consentDays: number
  over: Chain['over']
}

/** What a bank knows, without secrets. */
export type BankSummary<K extends Knobs = Knobs> = {
  bank: Book['bank']
  url: string
  client: string
  redirectUris: string[]
  knobs: K
  chains: ChainSummary[]
}

const dayMs = 86_400_000

export const summaryOf = <K extends Knobs>(
  book: Book<K>,
  isApproved: (book: Book<K>, chain: Chain) => boolean,
): BankSummary<K> => ({
  bank: book.bank,
  url: book.url(),
  client: book.client.id,
  redirectUris: redirectUris(book),
  knobs: book.knobs,
  chains: book.state.chains.map((chain) => ({
    id: chain.id,
    user: chain.user,
    refresh: chain.refresh && fingerprint(chain.refresh),
    accessUntil: chain.access && new Date(chain.access.until).toISOString(),
    approved: isApproved(book, chain),
    consentDays: Math.round(((book.now() - chain.consentAt) / dayMs) * 100) / 100,
    over: chain.over,
  })),
})
