import { type Answer, json, nothing } from './answer.ts'
import type { Request } from './request.ts'
import type { Purpose } from './trouble.ts'
import { data } from './truelayer-data.ts'
import { notFound, wrongMethod } from './truelayer-error.ts'
import { authorise, bank, consent, logIn } from './truelayer-page.ts'
import { deleteCredentials, extend, reauthUri } from './truelayer-renewal.ts'
import { type Truelayer, token } from './truelayer-token.ts'

type Route = { purpose: Purpose; answer(book: Truelayer, request: Request): Answer }

/** GET /api/providers (B10): a cheap look whether the bank is up. */
const providers = (): Answer =>
  json(200, [
    {
      provider_id: 'uk-ob-natwest',
      display_name: 'NatWest',
      country: 'uk',
      scopes: [
        'info',
        'accounts',
        'balance',
        'cards',
        'transactions',
        'direct_debits',
        'standing_orders',
        'offline_access',
      ],
      availability: { recommended_status: 'healthy' },
    },
  ])

const routes: Record<string, Record<string, Route>> = {
  '/': { GET: { purpose: 'page', answer: authorise } },
  '/bank': { GET: { purpose: 'page', answer: bank } },
  '/bank/login': { POST: { purpose: 'page', answer: logIn } },
  '/bank/consent': { POST: { purpose: 'page', answer: consent } },
  '/favicon.ico': { GET: { purpose: 'page', answer: () => nothing(404) } },
  '/api/providers': { GET: { purpose: 'data', answer: providers } },
  '/api/delete': { DELETE: { purpose: 'data', answer: deleteCredentials } },
  '/connect/token': { POST: { purpose: 'token', answer: token } },
  '/v1/reauthuri': { POST: { purpose: 'token', answer: reauthUri } },
  '/connections/extend': { POST: { purpose: 'token', answer: extend } },
  '/data/v1/connections/extend': { POST: { purpose: 'token', answer: extend } },
}

/** auth.truelayer.com and api.truelayer.com in one: their paths do not meet. */
export function truelayerRoute({ path, method }: Request): Route | Answer {
  const methods =
    routes[path] ??
    (path.startsWith('/data/v1/') ? { GET: { purpose: 'data' as const, answer: data } } : undefined)
  if (!methods) return notFound()
  return methods[method] ?? wrongMethod()
}
