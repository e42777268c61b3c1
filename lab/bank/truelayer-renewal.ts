import { z } from 'zod'
import { type Answer, json, nothing } from './answer.ts'
import { type Chain, type Login, mint, note, redirectUris } from './book.ts'
import { endChain, findByAccess, findByRefresh } from './chain.ts'
import type { Request } from './request.ts'
import { fingerprint } from './token.ts'
import { invalidToken, problem, unauthorised, validationError } from './truelayer-error.ts'
import { renew, type Truelayer, tokensOf } from './truelayer-token.ts'

const text = z.string().min(1)
const challenge = { code_challenge: text.optional(), code_challenge_method: z.literal('S256').optional() }
const again = z.object({
  response_type: z.literal('code'),
  refresh_token: text,
  redirect_uri: text,
  state: text.optional(),
  response_mode: z.string().optional(),
  ...challenge,
})
const extension = z.object({
  user_has_reconfirmed_consent: z.boolean(),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  redirect_uri: text,
  state: text.optional(),
})

type Again = {
  redirect_uri: string
  state?: string | undefined
  code_challenge?: string | undefined
  response_mode?: string | undefined
}

/** The address at the bank where the person of a chain logs in again. */
function loginAt(book: Truelayer, chain: Chain, asked: Again): string {
  const id = mint(book, 'login')
  const login: Login = {
    id,
    client: chain.client,
    redirectUri: asked.redirect_uri,
    state: asked.state ?? null,
    scopes: chain.scopes,
    challenge: asked.code_challenge ?? null,
    formPost: asked.response_mode === 'form_post',
    link: fingerprint(id),
    user: chain.user,
  }
  book.logins.set(id, login)
  return `${book.url()}/bank?login=${id}`
}

/** POST /v1/reauthuri (B4). A bearer token is not asked for, and a wrong one is refused: the page leaves it open [U]. */
export function reauthUri(book: Truelayer, { fields, bearer }: Request): Answer {
  if (bearer !== undefined && typeof findByAccess(book, bearer) === 'string')
    return unauthorised('Invalid token')
  const read = again.safeParse(fields)
  if (!read.success) return validationError(`${String(read.error.issues[0]?.path[0])} is missing or wrong`)
  if (!redirectUris(book).includes(read.data.redirect_uri)) return unauthorised('Invalid client')
  // its consent may be over: that is what logging in again is for
  const chain = findByRefresh(book, read.data.refresh_token)
  if (!chain) return unauthorised('Invalid refresh_token')
  return json(200, { result: loginAt(book, chain, read.data), success: true })
}

/** POST /connections/extend (B5). The specification and the reference page name different paths [U]: both work. */
export function extend(book: Truelayer, { fields }: Request): Answer {
  const read = extension.safeParse(fields)
  if (!read.success) return problem(400, `${String(read.error.issues[0]?.path[0])} is missing or wrong`)
  const { client_id, client_secret, refresh_token, redirect_uri } = read.data
  const { id, secret } = book.client
  if (client_id !== id || client_secret !== secret) return problem(401, 'Client authentication failed.')
  const chain = findByRefresh(book, refresh_token)
  if (!chain) return problem(401, 'Refresh token missing or invalid.')
  if (!redirectUris(book).includes(redirect_uri)) return problem(422, 'This connection cannot be extended')
  const needed = read.data.user_has_reconfirmed_consent
    ? book.knobs.extend
    : 'reconfirmation_of_consent_needed'
  if (needed !== 'no_action_needed')
    return json(200, { action_needed: needed, user_input_link: loginAt(book, chain, read.data) })
  const used = fingerprint(refresh_token)
  chain.consentAt = book.now()
  const issued = renew(book, chain)
  note(book, {
    event: 'refresh',
    chain: chain.id,
    used,
    issued: fingerprint(chain.refresh ?? ''),
    says: 'extended',
  })
  return json(200, { action_needed: needed, ...tokensOf(book, chain, issued) })
}

/** DELETE /api/delete (B8): the credentials are gone. */
export function deleteCredentials(book: Truelayer, { bearer }: Request): Answer {
  const chain = findByAccess(book, bearer)
  if (typeof chain === 'string') return invalidToken(undefined)
  note(book, { event: 'logout', chain: chain.id })
  endChain(book, chain, 'logged-out')
  return nothing(200)
}
