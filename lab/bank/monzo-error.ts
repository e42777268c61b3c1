import { type Answer, json } from './answer.ts'

const error = (status: number, code: string, message: string, more: Record<string, unknown> = {}): Answer =>
  json(status, { code, message, ...more })

/** A5: an API call without a token that works. Auth errors carry OAuth's keys too [D]. */
export function badAccessToken(why: 'missing' | 'expired' | 'evicted' | 'bad'): Answer {
  const [code, message] = {
    expired: ['unauthorized.bad_access_token.expired', 'Access token has expired'],
    evicted: [
      'unauthorized.bad_access_token.evicted',
      'Access token has been evicted due to a login elsewhere',
    ],
    bad: ['unauthorized.bad_access_token', 'Bad access token'],
    // what comes without any token is not known [U]
    missing: ['unauthorized.bad_authorization_header', 'Missing authorization header'],
  }[why] as [string, string]
  return error(401, code, message, { error: 'invalid_token', error_description: message })
}

/** A6: the captured body [C]. The same at day 90 is a guess [U]. */
export const insufficientPermissions = (client_id: string, user_id: string): Answer =>
  error(403, 'forbidden.insufficient_permissions', 'Access forbidden due to insufficient permissions', {
    params: { client_id, user_id },
  })

/** A8: the code is known [T], the text is not [U]. */
export const verificationRequired = (): Answer =>
  error(403, 'forbidden.verification_required', 'Verification required')

/** A8: a flex loan's backing account answers 403 [C], its body is a guess [U]. */
export const flexForbidden = (): Answer => error(403, 'forbidden', 'Access to this account is forbidden')

type Dead = 'used' | 'evicted' | 'expired' | 'bad' | 'logged-out' | undefined

/** A3: a dead refresh token, in the developer API's words or in Open Banking's. Clients meet either. */
export function badRefreshToken(why: Dead, family: 'developer' | 'open-banking', id: string): Answer {
  if (family === 'developer') {
    return why === 'evicted'
      ? error(
          401,
          'unauthorized.bad_refresh_token.evicted',
          'Refresh token has been evicted due to a login elsewhere',
        )
      : error(401, 'unauthorized.bad_refresh_token', 'Bad refresh token')
  }
  const kind = why === 'evicted' || why === 'expired' ? why : 'invalid'
  const says = {
    evicted: 'Refresh token has been evicted',
    expired: 'Refresh token has expired',
    invalid: 'Bad refresh token',
  }
  return json(400, {
    error: 'invalid_request',
    error_description: says[kind],
    error_params: {
      original_error_code: `bad_request.refresh_token.${kind}`,
      refresh_token_id: `reftok_${id}`,
    },
  })
}

// A2: none of these bodies is known [U]; the codes follow the patterns of those that are.
export const invalidCode = (): Answer =>
  error(400, 'bad_request.invalid_grant', 'Invalid authorization code', { error: 'invalid_grant' })
export const invalidClient = (): Answer =>
  error(401, 'unauthorized.invalid_client', 'Invalid client', { error: 'invalid_client' })
export const missingParameter = (name: string): Answer =>
  error(400, `bad_request.missing_param.${name}`, `Required parameter ${name} is missing`)
export const badParameter = (name: string): Answer =>
  error(400, `bad_request.bad_param.${name}`, `Bad parameter ${name}`)
export const notFound = (): Answer => error(404, 'not_found', 'Not found')
export const wrongMethod = (): Answer => error(405, 'method_not_allowed', 'Method not allowed')
/** something else than JSON is asked for [D: 406 exists; U: the body] */
export const notAcceptable = (): Answer => error(406, 'not_acceptable', 'Not acceptable')
