import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Answer, json } from './answer.ts'
import { type Book, type Chain, mint, note } from './book.ts'
import { findByRefresh, giveAccess, giveRefresh, openChain, takeCode } from './chain.ts'
import type { TruelayerKnobs } from './knob.ts'
import type { Request } from './request.ts'
import { fingerprint, makeJwt } from './token.ts'
import { invalidClient, invalidGrant, invalidRequest, unsupportedGrant } from './truelayer-error.ts'

export type Truelayer = Book<TruelayerKnobs>

const dayMs = 86_400_000
/** a consent lasts so long [D] */
export const consentMs = 90 * dayMs
/** a refresh token must be used within this [D] */
const idleMs = 30 * dayMs

const text = z.string().min(1)
const client = { client_id: text, client_secret: text }
const exchange = z.object({ ...client, code: text, redirect_uri: text, code_verifier: text.optional() })
const refresh = z.object({ ...client, refresh_token: text })

/** POST /connect/token (B2, B3), as a form or as JSON. */
export function token(book: Truelayer, { fields }: Request): Answer {
  const { grant_type } = fields
  if (grant_type !== 'authorization_code' && grant_type !== 'refresh_token')
    return grant_type === undefined ? invalidRequest('grant_type') : unsupportedGrant()
  const shape = grant_type === 'authorization_code' ? exchange : refresh
  const read = shape.safeParse(fields)
  if (!read.success) return invalidRequest(String(read.error.issues[0]?.path[0]))
  const { client_id, client_secret } = read.data
  if (client_id !== book.client.id || client_secret !== book.client.secret) {
    note(book, {
      event: grant_type === 'refresh_token' ? 'refresh-refused' : 'exchange-refused',
      says: 'invalid client',
    })
    return invalidClient()
  }
  return 'refresh_token' in read.data
    ? refreshChain(book, read.data.refresh_token)
    : exchangeCode(book, exchange.parse(read.data))
}

function exchangeCode(book: Truelayer, asked: z.infer<typeof exchange>): Answer {
  const code = takeCode(book, asked.code)
  const refuse = (says: string): Answer => {
    note(book, { event: 'exchange-refused', says })
    return invalidGrant(book.knobs.describeInvalidGrant)
  }
  if (!code) return refuse('invalid code')
  if (code.redirectUri !== asked.redirect_uri) return refuse('another redirect_uri')
  const digest = asked.code_verifier && createHash('sha256').update(asked.code_verifier).digest('base64url')
  if ((code.challenge ?? undefined) !== digest) return refuse('code_verifier')
  const chain = openChain(book, { ...code, approveAt: null })
  giveAccess(book, chain, makeAccess(book, chain))
  // The chains of earlier logins live on: nothing says that TrueLayer ends them [U].
  const issued = chain.scopes.includes('offline_access') ? giveRefresh(book, chain) : undefined
  note(book, { event: 'exchange', chain: chain.id, ...(issued && { issued: fingerprint(issued) }) })
  return reply(book, chain, issued)
}

/** The live chain of a refresh token, or why it gets nothing: its consent is 90 days old, or it lay unused for 30. */
export function usable(book: Truelayer, refreshToken: string): Chain | string {
  const chain = findByRefresh(book, refreshToken)
  if (!chain) return 'unknown or used'
  if (isLapsed(book, chain)) return 'the consent is over'
  if (book.now() - chain.refreshedAt >= idleMs) return 'not used for 30 days'
  return chain
}

export const isLapsed = (book: Truelayer, { consentAt }: Chain): boolean =>
  book.now() - consentAt >= consentMs

function refreshChain(book: Truelayer, refreshToken: string): Answer {
  const used = fingerprint(refreshToken)
  const chain = usable(book, refreshToken)
  if (typeof chain === 'string') {
    note(book, { event: 'refresh-refused', used, says: chain })
    return invalidGrant(book.knobs.describeInvalidGrant)
  }
  const issued = renew(book, chain)
  note(book, { event: 'refresh', chain: chain.id, used, issued: fingerprint(chain.refresh ?? '') })
  return reply(book, chain, issued)
}

/**
 * A new pair. Whether the old refresh token dies at once is not documented [U]: here it does, which is the harder case. With
 * the knob at `same` or `omit` it stays the live one.
 */
export function renew(book: Truelayer, chain: Chain): string | undefined {
  giveAccess(book, chain, makeAccess(book, chain))
  if (book.knobs.refresh === 'rotate') return giveRefresh(book, chain)
  chain.refreshedAt = book.now()
  return book.knobs.refresh === 'same' ? (chain.refresh ?? undefined) : undefined
}

export function makeAccess(book: Truelayer, chain: Chain): string {
  const exp = Math.floor((book.now() + book.knobs.accessTtlMs) / 1000)
  const payload = {
    exp,
    scope: chain.scopes,
    connector_id: 'ob-natwest',
    consent_id: chain.id,
    sub: credentialsId(chain),
  }
  return makeJwt(payload, mint(book, 'access-token'))
}

export const credentialsId = ({ id, user }: Chain): string => fingerprint(`${user} ${id}`)

/** The body of every reply that gives tokens. */
export const tokensOf = (book: Truelayer, { access }: Chain, refresh_token: string | undefined) => ({
  access_token: access?.value,
  expires_in: Math.floor(book.knobs.accessTtlMs / 1000),
  token_type: 'Bearer',
  ...(refresh_token && { refresh_token }),
})

const reply = (book: Truelayer, chain: Chain, refreshToken: string | undefined): Answer =>
  json(200, { ...tokensOf(book, chain, refreshToken), scope: chain.scopes.join(' ') })
