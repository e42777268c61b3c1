import { type Answer, nothing } from './answer.ts'
import type { Book } from './book.ts'
import type { MonzoKnobs } from './knob.ts'
import { data, whoami } from './monzo-data.ts'
import { notAcceptable, notFound, wrongMethod } from './monzo-error.ts'
import { app, authorise, email, link, magic, tap } from './monzo-page.ts'
import { logout, token } from './monzo-token.ts'
import type { Request } from './request.ts'
import type { Purpose } from './trouble.ts'

type Route = { purpose: Purpose; answer(book: Book<MonzoKnobs>, request: Request): Answer }

const routes: Record<string, Record<string, Route>> = {
  '/': { GET: { purpose: 'page', answer: authorise } },
  '/email': { POST: { purpose: 'page', answer: email } },
  '/magic': { GET: { purpose: 'page', answer: magic } },
  '/link': { POST: { purpose: 'page', answer: link } },
  '/app': { GET: { purpose: 'page', answer: app }, POST: { purpose: 'page', answer: tap } },
  // a browser asks for it whatever the page says
  '/favicon.ico': { GET: { purpose: 'page', answer: () => nothing(404) } },
  '/oauth2/token': { POST: { purpose: 'token', answer: token } },
  '/oauth2/logout': { POST: { purpose: 'data', answer: logout } },
  '/ping/whoami': { GET: { purpose: 'data', answer: whoami } },
  '/accounts': { GET: { purpose: 'data', answer: data } },
  '/balance': { GET: { purpose: 'data', answer: data } },
  '/transactions': { GET: { purpose: 'data', answer: data } },
}

/** auth.monzo.com and api.monzo.com in one: their paths do not meet. */
export function monzoRoute(request: Request): Route | Answer {
  const methods = routes[request.path]
  if (!methods) return notFound()
  const route = methods[request.method]
  if (!route) return wrongMethod()
  const wantsJson = request.accept === '' || /json|\*\/\*|application\/\*/.test(request.accept)
  return route.purpose === 'page' || wantsJson ? route : notAcceptable()
}
