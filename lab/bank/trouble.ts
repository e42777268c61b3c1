import { type Answer, html, json } from './answer.ts'
import { type Book, note } from './book.ts'
import type { Trouble } from './knob.ts'
import { accessDenied, scaExceeded } from './truelayer-error.ts'

/** What a request is for, as far as troubles care. Pages for people are never in trouble. */
export type Purpose = 'token' | 'data' | 'page'

/** The trouble that strikes this request, if one does; it is counted, and gone when its times are over. */
export function takeTrouble(book: Book, purpose: Purpose): Trouble | undefined {
  if (purpose === 'page') return undefined
  const all = book.knobs.trouble
  const found = all.find(({ on }) => on === 'any' || on === purpose)
  if (!found) return undefined
  note(book, { event: 'trouble', says: `${found.how} on ${purpose}` })
  if (found.times === undefined) return found
  found.times -= 1
  if (found.times <= 0) book.knobs.trouble = all.filter((one) => one !== found)
  return found
}

const page = (status: number, title: string): Answer =>
  html(
    status,
    `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`,
  )

const sorry = 'Sorry, we are experiencing technical difficulties. Please try again later.'

const truelayer = (status: number, error: string, error_description: string): Answer =>
  json(status, { error_description, error, error_details: {} })

// Wording: banks.md B9 [D]. Where it gives no text, the text is a guess [U]; clients must not read it.
const truelayerAnswers: Partial<Record<Trouble['how'], () => Answer>> = {
  html502: () => page(502, '502 Bad Gateway'),
  internal_server_error: () => truelayer(500, 'internal_server_error', sorry),
  invalid_grant: () => json(400, { error: 'invalid_grant' }),
  invalid_grant_described: () =>
    json(400, { error: 'invalid_grant', error_description: 'Invalid refresh token.' }),
  access_denied: accessDenied,
  sca_exceeded: scaExceeded,
  provider_too_many_requests: () =>
    truelayer(429, 'provider_too_many_requests', 'Provider rate limit exceeded.'),
  provider_request_limit_exceeded: () =>
    truelayer(
      429,
      'provider_request_limit_exceeded',
      'Maximum number of requests per user allowed by provider exceeded.',
    ),
  provider_error: () => truelayer(503, 'provider_error', 'The provider service is currently unavailable.'),
  temporarily_unavailable: () => truelayer(503, 'temporarily_unavailable', sorry),
  connector_overload: () => truelayer(503, 'connector_overload', sorry),
  provider_timeout: () => truelayer(504, 'provider_timeout', 'The provider did not respond in time.'),
  connector_timeout: () => truelayer(504, 'connector_timeout', sorry),
  endpoint_not_supported: () =>
    truelayer(501, 'endpoint_not_supported', 'Feature not supported by the provider.'),
}

// Monzo documents the statuses only, and no Retry-After [D]; the bodies are guesses [U].
const monzoAnswers: Partial<Record<Trouble['how'], () => Answer>> = {
  '429': () => json(429, { code: 'too_many_requests', message: 'Back off' }),
  '500': () => json(500, { code: 'internal_service', message: 'Something went wrong' }),
  '504': () => json(504, { code: 'timeout', message: 'Timed out' }),
  html503: () => page(503, '503 Service Temporarily Unavailable'),
}

/** The answer that a trouble gives instead of the route's; undefined when it lets the route do its work. */
export function troubleAnswer(trouble: Trouble): Answer | undefined {
  if (trouble.how === 'notJson')
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: '<html>' }
  return (truelayerAnswers[trouble.how] ?? monzoAnswers[trouble.how])?.()
}
