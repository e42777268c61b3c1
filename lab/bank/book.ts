import { z } from 'zod'
import type { Bank } from '../world.ts'
import { type AuditEntry, append, auditEntry } from './audit.ts'
import type { Client } from './client.ts'
import type { Knobs } from './knob.ts'
import { makeToken, type TokenKind } from './token.ts'

/** One login of one person for one client, from the exchange of its code on. Times are epoch milliseconds by the bank's clock. */
export const chainShape = z.object({
  id: z.string(),
  client: z.string(),
  user: z.string(),
  scopes: z.array(z.string()),
  /** the one refresh token that works; null: there never was one, or it is dead */
  refresh: z.string().nullable(),
  refreshedAt: z.number(),
  access: z.object({ value: z.string(), until: z.number() }).nullable(),
  loggedInAt: z.number(),
  consentAt: z.number(),
  approvedAt: z.number().nullable(),
  /** when the app approval comes by itself */
  approveAt: z.number().nullable(),
  over: z.enum(['evicted', 'bad', 'logged-out']).nullable(),
})
export type Chain = z.infer<typeof chainShape>

const codeShape = z.object({
  value: z.string(),
  client: z.string(),
  user: z.string(),
  redirectUri: z.string(),
  scopes: z.array(z.string()),
  challenge: z.string().nullable(),
  until: z.number(),
})
export type Code = z.infer<typeof codeShape>

/** What a bank remembers. It is saved, tokens included, into a file for its owner alone: they are worth nothing elsewhere. */
export const bankState = z.object({
  chains: z.array(chainShape).default([]),
  codes: z.array(codeShape).default([]),
  /** fingerprints of tokens that worked once, and why they no longer do */
  spent: z.record(z.string(), z.enum(['used', 'evicted', 'expired', 'bad', 'logged-out'])).default({}),
  /** fingerprints of login links that were gone through */
  links: z.array(z.string()).default([]),
  counter: z.number().default(0),
  /** where a login may come back to, beside what the client was registered with */
  redirectUris: z.array(z.string()).default([]),
  knobs: z.record(z.string(), z.unknown()).default({}),
  audit: z.array(auditEntry).default([]),
})
export type BankState = z.infer<typeof bankState>

/** A login that is going on in a browser. Lost when the bank restarts, as a person would expect. */
export type Login = {
  id: string
  redirectUri: string
  client: string
  state: string | null
  scopes: string[]
  challenge: string | null
  formPost: boolean
  link: string
  user: string
}

/** A bank at work: its state, its clock and its settings. */
export type Book<K extends Knobs = Knobs> = {
  bank: Bank
  client: Client
  state: BankState
  knobs: K
  logins: Map<string, Login>
  now(): number
  tail(): string
  url(): string
}

/** Each counts letter for letter. */
export const redirectUris = ({ client, state }: Book): string[] => [
  ...client.redirectUris,
  ...state.redirectUris,
]

export const mint = (book: Book, kind: TokenKind): string => makeToken(kind, book.bank, book.tail())

export const note = (book: Book, entry: Omit<AuditEntry, 'at'>): void =>
  append(book.state.audit, { at: new Date(book.now()).toISOString(), ...entry })
