import { processAuthorizationCodeResponse } from 'oauth4webapi'
import type { Bank } from '../invariant.ts'
import { masked } from '../mask.ts'
import { type Judgement, outcomeText } from './outcome-text.ts'
import { bodyText, jsonObject, type StoredReply } from './token-reply.ts'

/** Names of errors that speak of the client, never of the login (RFC 6749, 5.2; Monzo puts a prefix before them). */
const clientError = /(^|\.)(invalid_client|unauthorized_client|unsupported_grant_type)$/
/** Addresses that exist but not for this: no login would change them. */
const wrongAddress = [404, 405, 406, 410, 415]
/** Trouble that passes (banks.md C), besides every 5xx. */
const passing = [408, 425, 429]

/** RFC 6749, A.12 and A.17: printable ASCII. Anything else fits into no Authorization header, and no poll could use it. */
const isToken = (text: string): boolean => /^[\x20-\x7e]+$/.test(text)

/** One line of a bank's own words that may be shown, at most 200 characters. */
export const bankWords = (value: unknown): string =>
  typeof value === 'string' ? masked(value).replace(/\s+/g, ' ').trim().slice(0, 200) : ''

/** The name of an error, as far as it is one: words of letters. A secret that a bank quotes has digits or is longer. */
export const errorName = (value: unknown): string | null =>
  typeof value === 'string' && /^[a-z]{1,20}([._][a-z]{1,20}){0,5}$/.test(value) ? value : null

/** Both families of error bodies: OAuth's `error` and Monzo's `code`, with what they say in words. */
export function errorIn(body: string): { names: string[]; words: string } | null {
  const value = jsonObject(body)
  if (value === null) return null
  const nested = jsonObject(JSON.stringify(value.error_params ?? null))
  const names = [value.error, value.code, nested?.original_error_code].map(errorName)
  const words = [value.error_description, value.message].map(bankWords).find(Boolean) ?? ''
  return { names: names.filter((name) => name !== null), words }
}

/**
 * What a stored reply to the exchange comes to (banks.md C). Looks at nothing else, so that it says the same right after
 * the exchange and after a crash.
 */
export async function judgeReply(reply: StoredReply): Promise<Judgement> {
  const { bank, status } = reply
  if (status === 200) return judgeTokens(reply)
  if (status > 200 && status < 300) return { kind: 'quarantine', says: outcomeText.status(bank, status) }
  if (status < 400) return { kind: 'config', says: outcomeText.redirect(bank, status) }
  if (status >= 500 || passing.includes(status))
    return { kind: 'trouble', says: outcomeText.troubleAtBank(bank, status), sent: true }
  if (wrongAddress.includes(status)) return { kind: 'config', says: outcomeText.address(bank, status) }
  return judgeError(reply)
}

function judgeError(reply: StoredReply): Judgement {
  const { bank, status } = reply
  const error = errorIn(bodyText(reply))
  // HTML or nothing at all is some gateway's answer, not the bank's.
  if (error === null) return { kind: 'trouble', says: outcomeText.troubleAtBank(bank, status), sent: true }
  const ofClient = error.names.find((name) => clientError.test(name))
  if (ofClient) return { kind: 'config', says: outcomeText.client(bank, ofClient) }
  const more = [error.names[0], error.words].filter(Boolean).join(', ')
  return { kind: 'refused', says: outcomeText.refused(bank, status, more), code: error.names[0] ?? null }
}

async function judgeTokens(reply: StoredReply): Promise<Judgement> {
  const { bank } = reply
  const text = bodyText(reply)
  // A whole JSON object cannot be the beginning of a longer one: then it does not matter how the connection ended.
  if (!reply.whole && jsonObject(text) === null) return { kind: 'lost', says: outcomeText.cut(bank) }
  const tokens = await readTokens(reply, text)
  if (tokens === null) return { kind: 'quarantine', says: outcomeText.notTokens(bank) }
  if (!tokens.refresh_token) return { kind: 'quarantine', says: outcomeText.noRefresh[bank] }
  if (![tokens.access_token, tokens.refresh_token].every(isToken))
    return { kind: 'quarantine', says: outcomeText.noToken(bank) }
  const missing = missingScopes(bank, reply.scopes, tokens.scope)
  if (missing.length > 0) return { kind: 'quarantine', says: outcomeText.noScope(missing) }
  return { kind: 'pending' }
}

async function readTokens({ clientId, contentType }: StoredReply, text: string) {
  const response = new Response(text, { headers: { 'content-type': contentType ?? 'application/json' } })
  try {
    // No discovery: the issuer plays no part without an ID token.
    return await processAuthorizationCodeResponse(
      { issuer: 'https://bank.invalid' },
      { client_id: clientId },
      response,
    )
  } catch {
    return null // every reason is the same to us, and the error quotes the body
  }
}

/**
 * Scopes that were asked for and not given. Without `scope` in the reply all were given (RFC 6749, 5.1). That
 * offline_access was given is proven by the refresh token, and not every server names it.
 */
function missingScopes(bank: Bank, asked: string | null, given: string | undefined): string[] {
  if (bank === 'monzo' || asked === null || given === undefined) return []
  const has = new Set(given.split(/[\s,]+/))
  return asked.split(/\s+/).filter((one) => one !== '' && one !== 'offline_access' && !has.has(one))
}
