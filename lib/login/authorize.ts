import type { Bank } from '../invariant.ts'

export type AuthorizationRequest = {
  bank: Bank
  /** the bank's authorization endpoint, http or https */
  endpoint: string
  clientId: string
  /** letter for letter as registered at the bank */
  redirectUri: string
  state: string
  /** TrueLayer: a list with spaces between */
  scopes?: string | undefined
  /** TrueLayer: a list with spaces between */
  providers?: string | undefined
  /** TrueLayer: the S256 challenge of PKCE (RFC 7636), where it is switched on */
  challenge?: string | undefined
}

/**
 * The address at which a person logs in (RFC 6749, section 4.1.1). Monzo documents four parameters and gets no other;
 * TrueLayer also takes scopes, providers and a PKCE challenge.
 */
export function authorizationUrl(request: AuthorizationRequest): string {
  const { bank, endpoint, clientId, redirectUri, state, scopes, providers, challenge } = request
  const url = new URL(endpoint)
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  add('client_id', clientId)
  add('redirect_uri', redirectUri)
  add('response_type', 'code')
  if (bank === 'truelayer') {
    add('scope', scopes)
    add('providers', providers)
    add('code_challenge', challenge)
    add('code_challenge_method', challenge && 'S256')
  }
  add('state', state)
  // TrueLayer's own links have %20 between scopes; every server reads that, and not every one reads a plus.
  url.search = url.search.replaceAll('+', '%20')
  return url.href
}

/** What may stand in a terminal: none of it opens anything by itself. */
const harmless = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'scope',
  'providers',
  'code_challenge',
  'code_challenge_method',
  'state',
])

/**
 * The address of a login as it may be printed: client_id and state are shown, and it works when it is copied. The value
 * of any other parameter, a code above all, is replaced, so that no mistake elsewhere can print one.
 */
export function shownUrl(address: string): string {
  const url = new URL(address)
  for (const name of new Set(url.searchParams.keys()))
    if (!harmless.has(name)) url.searchParams.set(name, '[MASKED]')
  url.search = url.search.replaceAll('+', '%20')
  url.username = ''
  url.password = ''
  url.hash = ''
  return url.href
}
