import { type Answer, json } from './answer.ts'

const error = (status: number, code: string, text: string, details: Record<string, string> = {}): Answer =>
  json(status, { error_description: text, error: code, error_details: details })

export const invalidGrant = (described: boolean): Answer =>
  json(400, {
    error: 'invalid_grant',
    // the live text is not known [U]
    ...(described && { error_description: 'Invalid refresh token.' }),
  })

export const invalidClient = (): Answer => json(400, { error: 'invalid_client' })
/** the body is a guess [U] */
export const unsupportedGrant = (): Answer => json(400, { error: 'unsupported_grant_type' })
export const invalidRequest = (missing: string): Answer =>
  json(400, { error: 'invalid_request', error_description: `${missing} is missing` })

const tokenTime = (until: number): string =>
  new Date(until)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, 'Z')

/** 401 of the data API. `until`: when the token ended; a token that never was one gets a text that is a guess [U]. */
export const invalidToken = (until: number | undefined): Answer =>
  error(
    401,
    'invalid_token',
    until === undefined ? 'The token is invalid.' : `The token expired at '${tokenTime(until)}'`,
  )

export const accessDenied = (): Answer =>
  error(403, 'access_denied', 'Access to a specific resource has been denied.')

export const scaExceeded = (): Answer =>
  error(
    403,
    'sca_exceeded',
    'SCA exemption has expired. This resource is protected and should be accessed shortly after PSU Authentication. ' +
      'In order to access this resource, please have the PSU re-authenticate.',
  )

export const invalidDateRange = (): Answer => error(400, 'invalid_date_range', 'Invalid date range provided.')
export const validationError = (text: string): Answer => error(400, 'validation_error', text)
/** the texts of these are guesses [U] */
export const accountNotFound = (): Answer =>
  error(404, 'account_not_found', 'The requested account cannot be found.')
export const notFound = (): Answer => error(404, 'not_found', 'No such endpoint.')
export const wrongMethod = (): Answer => error(405, 'method_not_allowed', 'Method not allowed.')

/** B4: how the authorisation host refuses to log in again. */
export const unauthorised = (
  reason: 'Invalid token' | 'Invalid refresh_token' | 'Invalid client',
): Answer => {
  if (reason === 'Invalid refresh_token') return error(401, 'invalid_request', 'Invalid request', { reason })
  if (reason === 'Invalid client')
    return error(401, 'unauthorized_client', 'Unauthorized client.', { reason })
  return error(401, 'unauthorized', 'Unauthorized.', { reason })
}

/** B5 speaks RFC 9457. */
export const problem = (status: 400 | 401 | 422, detail: string): Answer =>
  json(
    status,
    { type: 'https://docs.truelayer.com/docs/error-types', title: detail, status, detail },
    { 'Content-Type': 'application/problem+json' },
  )
