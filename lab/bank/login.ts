import { createHash } from 'node:crypto'
import { type Answer, redirect } from './answer.ts'
import { type Book, type Login, mint, note, redirectUris } from './book.ts'
import { form, page } from './page.ts'
import { fingerprint } from './token.ts'

/** The person who is meant unless the login page is told another one. */
export const person = 'person@example.test'

/** The same person has the same id at every login, and another one another. */
export const userId = (who: string): string =>
  `user_0000${createHash('sha256').update(who.trim().toLowerCase()).digest('hex').slice(0, 20)}`

/** How the page of a login that cannot begin looks. Nobody documents the real ones [U]. */
export const wrongLink = (says: string): Answer => page('This link does not work', `<p>${says}</p>`, 400)

export type Asked = Pick<Login, 'scopes' | 'challenge' | 'formPost'>

/**
 * Begins a login from the query of an authorisation link, or says what is wrong with the link. The redirect URI must be
 * one of the registered ones, letter for letter; with another one no browser is sent anywhere.
 */
export function beginLogin(book: Book, query: URLSearchParams, asked: Asked): Login | Answer {
  if (query.get('client_id') !== book.client.id)
    return wrongLink('client_id is not that of a registered client')
  if (query.get('response_type') !== 'code') return wrongLink('response_type must be code')
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!redirectUris(book).includes(redirectUri)) return wrongLink('redirect_uri is not a registered one')
  const login: Login = {
    ...asked,
    id: mint(book, 'login'),
    client: book.client.id,
    redirectUri,
    state: query.get('state'),
    link: fingerprint(query.toString()),
    user: userId(person),
  }
  book.logins.set(login.id, login)
  return login
}

export const isLogin = (value: Login | Answer): value is Login => 'redirectUri' in value

export const findLogin = (book: Book, id: unknown): Login | undefined =>
  typeof id === 'string' ? book.logins.get(id) : undefined

/** Ends a login well: the browser goes back to the client with a code. The knobs may spoil the way back. */
export function finishLogin(book: Book, login: Login, extra: Record<string, string> = {}): Answer {
  book.logins.delete(login.id)
  book.state.links.push(login.link)
  const value = mint(book, 'code')
  const { client, user, redirectUri, scopes, challenge } = login
  const until = book.now() + book.knobs.codeTtlMs
  book.state.codes.push({ value, client, user, redirectUri, scopes, challenge, until })
  note(book, { event: 'login', says: `code given to ${redirectUri}` })
  return sendBack(book, login, { ...(!book.knobs.withoutCode && { code: value }), ...extra })
}

/** Sends the browser back with these parameters and the state. */
export function sendBack(book: Book, login: Login, parameters: Record<string, string>): Answer {
  book.logins.delete(login.id)
  const state = book.knobs.wrongState ? `not-${login.state ?? 'any'}` : login.state
  const all = { ...parameters, ...(state !== null && { state }) }
  if (login.formPost) return postBack(login.redirectUri, all)
  const to = new URL(login.redirectUri)
  for (const [name, value] of Object.entries(all)) to.searchParams.set(name, value)
  return redirect(to.href)
}

/** response_mode=form_post. The real page submits itself by script; this one has a button. */
const postBack = (to: string, parameters: Record<string, string>): Answer =>
  page('Back to the application', form(to, parameters, { continue: 'Continue' }))
