import { describe, expect, it } from 'vitest'
import { type AuthorizationRequest, authorizationUrl, shownUrl } from '../../../lib/login/authorize.ts'

const monzo: AuthorizationRequest = {
  bank: 'monzo',
  endpoint: 'https://auth.monzo.com/',
  clientId: 'oauth2client_0000',
  redirectUri: 'http://localhost:5001/monzo/callback',
  state: 'a-b_c~d+e',
}
const truelayer: AuthorizationRequest = {
  ...monzo,
  bank: 'truelayer',
  endpoint: 'https://auth.truelayer.com/',
  redirectUri: 'http://localhost:5001/truelayer/callback',
  scopes: 'info accounts offline_access',
  providers: 'uk-ob-natwest uk-oauth-all',
}
const parameters = (url: string): Record<string, string> => Object.fromEntries(new URL(url).searchParams)

describe('the address of a login', () => {
  it('gives Monzo its four parameters and no other, whatever else is known', () => {
    expect(
      authorizationUrl({ ...monzo, scopes: 'accounts', providers: 'uk-ob-natwest', challenge: 'c' }),
    ).toBe(
      'https://auth.monzo.com/?client_id=oauth2client_0000&redirect_uri=http%3A%2F%2Flocalhost%3A5001%2Fmonzo%2Fcallback&response_type=code&state=a-b_c%7Ed%2Be',
    )
  })

  it('gives TrueLayer scopes and providers with %20 between them', () => {
    const url = authorizationUrl(truelayer)
    expect(url).toContain('scope=info%20accounts%20offline_access')
    expect(url).toContain('providers=uk-ob-natwest%20uk-oauth-all')
    expect(parameters(url)).toEqual({
      client_id: monzo.clientId,
      redirect_uri: truelayer.redirectUri,
      response_type: 'code',
      scope: truelayer.scopes,
      providers: truelayer.providers,
      state: monzo.state,
    })
  })

  it('carries an S256 challenge only where there is one', () => {
    expect(parameters(authorizationUrl({ ...truelayer, challenge: 'E9Melhoa' }))).toMatchObject({
      code_challenge: 'E9Melhoa',
      code_challenge_method: 'S256',
    })
    expect(authorizationUrl(truelayer)).not.toContain('challenge')
  })

  it('keeps what the endpoint has in its own query', () => {
    expect(authorizationUrl({ ...monzo, endpoint: 'http://127.0.0.1:9/x?region=uk' })).toMatch(
      /^http:\/\/127\.0\.0\.1:9\/x\?region=uk&client_id=/,
    )
  })
})

describe('the address as it is printed', () => {
  it('is the very address: it works when it is copied', () => {
    for (const request of [monzo, truelayer, { ...truelayer, challenge: 'E9Melhoa' }])
      expect(shownUrl(authorizationUrl(request))).toBe(authorizationUrl(request))
  })

  it('never shows a code, a secret or any parameter that it does not know', () => {
    const shown = shownUrl(
      `http://user:pass-word@localhost:5001/monzo/callback?code=CODE1&state=STATE&code=CODE2&client_secret=SECRET&code_verifier=VERIFIER#FRAGMENT`,
    )
    expect(shown).toBe(
      'http://localhost:5001/monzo/callback?code=%5BMASKED%5D&state=STATE&client_secret=%5BMASKED%5D&code_verifier=%5BMASKED%5D',
    )
  })
})
