import { z } from 'zod'
import { type Answer, json, nothing } from './answer.ts'
import { type Book, type Chain, mint, note } from './book.ts'
import {
  endChain,
  evictOthers,
  findByAccess,
  findByRefresh,
  giveAccess,
  giveRefresh,
  openChain,
  takeCode,
  whySpent,
} from './chain.ts'
import type { MonzoKnobs } from './knob.ts'
import {
  badAccessToken,
  badParameter,
  badRefreshToken,
  invalidClient,
  invalidCode,
  missingParameter,
} from './monzo-error.ts'
import type { Request } from './request.ts'
import { fingerprint } from './token.ts'

type Monzo = Book<MonzoKnobs>

const text = z.string().min(1)
const client = { client_id: text, client_secret: text }
const exchange = z.object({ ...client, redirect_uri: text, code: text })
const refresh = z.object({ ...client, refresh_token: text })

/** POST /oauth2/token (A2, A3). Form only: nothing says that Monzo reads JSON there [U]. */
export function token(book: Monzo, request: Request): Answer {
  const { bearer, fields } = request
  // The gateway looks at a bearer token first, and the refresh never happens [C].
  if (bearer !== undefined) {
    const found = findByAccess(book, bearer)
    if (typeof found === 'string') return badAccessToken(found)
  }
  const form = request.contentType === 'application/x-www-form-urlencoded' ? fields : {}
  if (form.grant_type === 'authorization_code') return exchangeCode(book, form)
  if (form.grant_type === 'refresh_token') return refreshChain(book, form)
  return form.grant_type === undefined ? missingParameter('grant_type') : badParameter('grant_type')
}

const missingOf = (error: z.ZodError): string => String(error.issues[0]?.path[0])

function exchangeCode(book: Monzo, form: Record<string, unknown>): Answer {
  const read = exchange.safeParse(form)
  if (!read.success) return missingParameter(missingOf(read.error))
  const { client_id, client_secret, redirect_uri } = read.data
  const { id, secret } = book.client
  if (client_id !== id || client_secret !== secret)
    return refused(book, 'exchange-refused', 'invalid client', invalidClient())
  const code = takeCode(book, read.data.code)
  if (!code || code.client !== client_id)
    return refused(book, 'exchange-refused', 'invalid code', invalidCode())
  if (code.redirectUri !== redirect_uri)
    return refused(book, 'exchange-refused', 'another redirect_uri', invalidCode())
  const { approve, nonConfidential } = book.knobs
  const chain = openChain(book, {
    ...code,
    approveAt: typeof approve === 'number' ? book.now() + approve : null,
  })
  evictOthers(book, chain)
  giveAccess(book, chain, mint(book, 'access-token'))
  const issued = nonConfidential ? undefined : giveRefresh(book, chain)
  note(book, { event: 'exchange', chain: chain.id, ...(issued && { issued: fingerprint(issued) }) })
  return reply(book, chain, issued)
}

function refreshChain(book: Monzo, form: Record<string, unknown>): Answer {
  const read = refresh.safeParse(form)
  if (!read.success) return missingParameter(missingOf(read.error))
  const { client_id, client_secret, refresh_token } = read.data
  const { id, secret } = book.client
  if (client_id !== id || client_secret !== secret)
    return refused(book, 'refresh-refused', 'invalid client', invalidClient())
  const used = fingerprint(refresh_token)
  const chain = findByRefresh(book, refresh_token)
  if (!chain || chain.client !== client_id) {
    const why = whySpent(book, refresh_token)
    note(book, { event: 'refresh-refused', used, says: why ?? 'unknown' })
    return badRefreshToken(why, book.knobs.errors, used)
  }
  giveAccess(book, chain, mint(book, 'access-token'))
  const issued = giveRefresh(book, chain)
  note(book, { event: 'refresh', chain: chain.id, used, issued: fingerprint(issued) })
  return reply(book, chain, book.knobs.omitRefreshToken ? undefined : issued)
}

function refused(
  book: Monzo,
  event: 'exchange-refused' | 'refresh-refused',
  says: string,
  answer: Answer,
): Answer {
  note(book, { event, says })
  return answer
}

const reply = (book: Monzo, { access, client, user }: Chain, refresh_token: string | undefined): Answer =>
  json(200, {
    access_token: access?.value,
    client_id: client,
    expires_in: Math.floor(book.knobs.accessTtlMs / 1000),
    ...(refresh_token && { refresh_token }),
    token_type: 'Bearer',
    user_id: user,
  })

/** POST /oauth2/logout (A9): the refresh token dies too [D]. What the body says is not documented. */
export function logout(book: Monzo, request: Request): Answer {
  const chain = findByAccess(book, request.bearer)
  if (typeof chain === 'string') return badAccessToken(chain)
  note(book, { event: 'logout', chain: chain.id })
  endChain(book, chain, 'logged-out')
  return nothing(200)
}
