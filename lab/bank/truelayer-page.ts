import type { Answer } from './answer.ts'
import { note } from './book.ts'
import { beginLogin, findLogin, finishLogin, isLogin, person, sendBack, userId, wrongLink } from './login.ts'
import { field, form, page } from './page.ts'
import type { Request } from './request.ts'
import { fingerprint } from './token.ts'
import type { Truelayer } from './truelayer-token.ts'

const natwest = 'uk-ob-natwest'

/** Does a list of providers let NatWest through? `uk-ob-all` and the default list do. */
const offersNatwest = (providers: string[]): boolean =>
  providers.length === 0 ||
  providers.some((one) => one === natwest || one === 'ob-natwest' || one === 'uk-ob-all')

/** GET / on auth.truelayer.com (B1): straight to the one bank there is. A link that was gone through once is over [D]. */
export function authorise(book: Truelayer, { query }: Request): Answer {
  if (book.state.links.includes(fingerprint(query.toString()))) return wrongLink('this link was used already')
  const scopes = (query.get('scope') ?? '').split(' ').filter((one) => one !== '')
  if (scopes.length === 0) return wrongLink('scope is missing')
  const method = query.get('code_challenge_method')
  if (query.has('code_challenge') && method !== 'S256') return wrongLink('code_challenge_method must be S256')
  const providers = (query.get('providers') ?? '').split(' ').filter((one) => one !== '')
  if (!offersNatwest(providers)) return wrongLink('none of the providers is offered here')
  const formPost = book.knobs.formPost || query.get('response_mode') === 'form_post'
  const login = beginLogin(book, query, { scopes, challenge: query.get('code_challenge'), formPost })
  return isLogin(login) ? loginPage(login.id) : login
}

export function loginPage(id: string): Answer {
  const input = field('customer', 'Customer number', person)
  return page('Log in to NatWest', form('/bank/login', { login: id }, { login: 'Log in' }, input))
}

/** GET /bank: where reauthuri and extend send a person. */
export function bank(book: Truelayer, { query }: Request): Answer {
  const login = findLogin(book, query.get('login'))
  return login ? loginPage(login.id) : wrongLink('this link was used already')
}

/** POST /bank/login: who it is, then the question. */
export function logIn(book: Truelayer, { fields }: Request): Answer {
  const login = findLogin(book, fields.login)
  if (!login) return wrongLink('this login is over')
  if (typeof fields.customer === 'string') login.user = userId(fields.customer)
  const list = `<p>TrueLayer asks for: ${login.scopes.filter((one) => /^[a-z_]+$/.test(one)).join(', ')}</p>`
  return page(
    'Share your accounts',
    `${list}\n${form('/bank/consent', { login: login.id }, { approve: 'Approve', deny: 'Cancel' })}`,
  )
}

/** POST /bank/consent. A cancel comes back as access_denied [T]; which parameters go with it is a guess [U]. */
export function consent(book: Truelayer, { fields }: Request): Answer {
  const login = findLogin(book, fields.login)
  if (!login) return wrongLink('this login is over')
  const error = book.knobs.redirectError ?? (fields.choice === 'approve' ? null : 'access_denied')
  if (error === null) return finishLogin(book, login, { scope: login.scopes.join(' ') })
  note(book, { event: 'denied', says: error })
  return sendBack(book, login, { error })
}
