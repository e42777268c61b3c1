import { type Answer, redirect } from './answer.ts'
import { type Book, note } from './book.ts'
import type { MonzoKnobs } from './knob.ts'
import { beginLogin, findLogin, finishLogin, isLogin, person, userId, wrongLink } from './login.ts'
import { isApproved } from './monzo-data.ts'
import { field, form, page } from './page.ts'
import type { Request } from './request.ts'

type Monzo = Book<MonzoKnobs>

/** GET / on auth.monzo.com (A1): asks for the e-mail address. Scopes and PKCE are not documented and are ignored. */
export function authorise(book: Monzo, { query }: Request): Answer {
  const login = beginLogin(book, query, { scopes: [], challenge: null, formPost: false })
  if (!isLogin(login)) return login
  const input = field('email', 'E-mail', person, 'email')
  return page('Log in to Monzo', form('/email', { login: login.id }, { send: 'Continue' }, input))
}

/** POST /email: "we have sent you a link". The link of that e-mail is on the page. */
export function email(book: Monzo, { fields }: Request): Answer {
  const login = findLogin(book, fields.login)
  if (!login) return wrongLink('this login is over')
  if (typeof fields.email === 'string') login.user = userId(fields.email)
  return page(
    'Check your e-mail',
    `<p>In the e-mail: <a id="magic" href="/magic?login=${login.id}">Log in to Monzo</a></p>`,
  )
}

/** GET /magic: the link of the e-mail, opened in the same browser. */
export function magic(book: Monzo, { query }: Request): Answer {
  const login = findLogin(book, query.get('login'))
  if (!login) return wrongLink('this link was used already')
  const choices = { link: 'Link account', deny: 'Deny' }
  return page('Link your account', form('/link', { login: login.id }, choices))
}

/** POST /link. Nothing documents what follows a "no"; people report a blank page and no callback at all [U]. */
export function link(book: Monzo, { fields }: Request): Answer {
  const login = findLogin(book, fields.login)
  if (!login) return wrongLink('this login is over')
  if (fields.choice === 'link') return finishLogin(book, login)
  book.logins.delete(login.id)
  note(book, { event: 'denied' })
  return page('Not linked', '<p>Nothing was linked. You can close this page.</p>')
}

const pending = (book: Monzo) =>
  book.state.chains.filter(
    (chain) => chain.over === null && chain.access !== null && !isApproved(book, chain),
  )

/**
 * GET /app stands for the app on the phone: the logins that wait for a tap. A prompt that was dismissed is found here too.
 * The real push comes after the e-mail step; here the prompt is there from the exchange on, since before it there is no token to open.
 */
export function app(book: Monzo): Answer {
  const prompts = pending(book).map(
    ({ id, client }) =>
      `<p>${client} wants to see your account (${id})</p>\n${form('/app', { chain: id }, { approve: 'Approve', dismiss: 'Not now' })}`,
  )
  return page('The Monzo app', prompts.join('\n') || '<p>Nothing waits for your approval.</p>')
}

/** POST /app: a tap. `never` means that the tap comes to nothing. */
export function tap(book: Monzo, { fields }: Request): Answer {
  if (fields.choice === 'approve' && book.knobs.approve !== 'never')
    approve(book, typeof fields.chain === 'string' ? fields.chain : undefined)
  return redirect('/app')
}

/** Approves the login with that id, or all that wait. Returns how many there were. */
export function approve(book: Monzo, id?: string): number {
  const found = pending(book).filter((chain) => id === undefined || chain.id === id)
  for (const chain of found) {
    chain.approvedAt = book.now()
    chain.approveAt = null
    note(book, { event: 'approved', chain: chain.id, says: 'in the app' })
  }
  return found.length
}
