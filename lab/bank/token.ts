import { createHash, randomBytes } from 'node:crypto'
import { prefix } from '../sim/secret.ts'
import type { Bank } from '../world.ts'

export type TokenKind = 'refresh-token' | 'access-token' | 'code' | 'login'

/** 128 random bits as hex. Tests pass their own for the same values every time. */
export const randomTail = (): string => randomBytes(16).toString('hex')

/** `simulated-refresh-token-monzo-…`: a value that a search through everything that was written finds again. */
export const makeToken = (kind: TokenKind, bank: Bank, tail: string): string =>
  `${prefix}${kind}-${bank}-${tail}`

/** What may be said of a token in an audit: the first 16 hex digits of its SHA-256. */
export const fingerprint = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 16)

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * An access token with the shape of TrueLayer's: a JWT with exp, scope, connector_id, consent_id and sub. The place of the
 * signature holds the recognisable value, which base64 would hide in the payload.
 */
export const makeJwt = (payload: Record<string, unknown>, token: string): string =>
  [part({ alg: 'RS256', typ: 'at+jwt' }), part(payload), token].join('.')
