import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../lib/config.ts'
import { type AddressWanted, callbackAddress } from '../../../lib/login/callback-address.ts'
import { Problem, renderProblem } from '../../../lib/problem.ts'

const config = parseConfig({}, 'test')
const withMonzo = (redirectUri: string) => parseConfig({ monzo: { redirectUri } }, 'test')
const registered = 'http://localhost:5001/monzo/callback'
const wanted = (changes: Partial<AddressWanted> = {}): AddressWanted => ({
  bank: 'truelayer',
  config,
  monzoRegistered: registered,
  port: undefined,
  redirectUri: undefined,
  ...changes,
})
const refusal = (changes: Partial<AddressWanted>): string => {
  try {
    callbackAddress(wanted(changes))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    expect(error.exitCode).toBe(64)
    return renderProblem(error.lines)
  }
  throw new Error('it was accepted')
}
const other = 'http://localhost:8766/truelayer/callback'

describe('where a login comes back to', () => {
  it('is the documented address for TrueLayer', () => {
    expect(callbackAddress(wanted())).toEqual({
      redirectUri: 'http://localhost:5001/truelayer/callback',
      port: 5001,
      path: '/truelayer/callback',
    })
  })

  it('is what monzo_credentials.json or the configuration says for Monzo', () => {
    expect(callbackAddress(wanted({ bank: 'monzo' })).redirectUri).toBe(registered)
    const configured = { bank: 'monzo', config: withMonzo(registered) } as const
    expect(callbackAddress(wanted({ ...configured, monzoRegistered: null })).redirectUri).toBe(registered)
    expect(callbackAddress(wanted(configured)).redirectUri).toBe(registered)
  })

  it('is what --redirect-uri says, whatever else is known', () => {
    const address = { redirectUri: other, port: 8766, path: '/truelayer/callback' }
    expect(callbackAddress(wanted({ redirectUri: other }))).toEqual(address)
    expect(callbackAddress(wanted({ redirectUri: other, port: '8766' }))).toEqual(address)
    const mine = 'http://127.0.0.1:8766/back'
    expect(
      callbackAddress(wanted({ bank: 'monzo', monzoRegistered: null, redirectUri: mine })).redirectUri,
    ).toBe(mine)
  })

  it('takes a --port that agrees', () => {
    expect(callbackAddress(wanted({ port: '5001' })).port).toBe(5001)
  })

  it.each(['http://localhost:5001/x', 'http://127.0.0.1:65535/x/y', 'http://[::1]:1/x'])(
    '%s can be used',
    (redirectUri) => {
      expect(callbackAddress(wanted({ redirectUri })).redirectUri).toBe(redirectUri)
    },
  )

  it.each([
    ['https://localhost:5001/x', 'must begin with http://, since it is this machine'],
    ['http://example.test:5001/x', 'must name localhost, 127.0.0.1 or [::1]'],
    ['http://localhost.example.test:5001/x', 'must name localhost, 127.0.0.1 or [::1]'],
    ['http://0.0.0.0:5001/x', 'must name localhost, 127.0.0.1 or [::1]'],
    ['http://127.0.0.2:5001/x', 'must name localhost, 127.0.0.1 or [::1]'],
    ['http://localhost/x', 'must name a port'],
    ['http://localhost:80/x', 'must name a port'],
    ['http://localhost:0/x', 'must name a port'],
    ['http://localhost:5001', 'must have a path of its own'],
    ['http://localhost:5001/', 'must have a path of its own'],
    ['http://localhost:5001/x?y=z', 'must end with its path'],
    ['http://localhost:5001/x#y', 'must end with its path'],
    ['http://localhost:5001/x?', 'must end with its path'],
    ['http://me:word@localhost:5001/x', 'must not hold a user name or a password'],
    ['localhost:5001/x', 'must begin with http://, since it is this machine'],
    ['/x', 'is not a web address'],
    ['http://localhost:99999/x', 'is not a web address'],
    ['http://local\thost:5001/x', 'is not a web address'],
    [' http://localhost:5001/x', 'is not a web address'],
    ['', 'is not a web address'],
  ])('%j cannot be used', (redirectUri, why) => {
    expect(refusal({ redirectUri })).toContain(`:\n       it ${why}\n`)
  })
})

describe('what a person is told', () => {
  it('when Monzo has no redirect URI anywhere', () => {
    expect(refusal({ bank: 'monzo', monzoRegistered: null })).toMatchInlineSnapshot(`
      "error: Monzo's redirect URI is not known
      why:   monzo_credentials.json has no redirect_uri,
             and bulma:monzo.redirectUri is not set
      next:  set one of the two to what is registered at developers.monzo.com,
             such as http://localhost:5001/monzo/callback
      left:  nothing was looked at and nothing was changed"
    `)
  })

  it('when the file and the configuration contradict each other', () => {
    expect(
      refusal({ bank: 'monzo', config: withMonzo('http://localhost:5001/elsewhere') }),
    ).toMatchInlineSnapshot(`
      "error: Monzo's redirect URI is not known for certain
      why:   monzo_credentials.json says http://localhost:5001/monzo/callback,
             bulma:monzo.redirectUri says http://localhost:5001/elsewhere
      next:  take away the one that is not registered at developers.monzo.com
      left:  nothing was looked at and nothing was changed"
    `)
  })

  it('when --port and --redirect-uri do not agree', () => {
    expect(refusal({ port: '8766', redirectUri: 'http://127.0.0.1:5001/x' })).toMatchInlineSnapshot(`
      "error: --port and the redirect URI do not agree
      why:   --port says 8766,
             --redirect-uri says http://127.0.0.1:5001/x
      next:  npm run reauth -- truelayer --port 8766 --redirect-uri http://127.0.0.1:8766/x
             if the bank knows that address: it sends browsers to registered ones only
      left:  nothing was looked at and nothing was changed"
    `)
  })

  it('when --port stands alone and is not the registered one', () => {
    expect(refusal({ port: '8766' })).toMatchInlineSnapshot(`
      "error: --port and the redirect URI do not agree
      why:   --port says 8766,
             bulma:truelayer.redirectUri says http://localhost:5001/truelayer/callback
      next:  npm run reauth -- truelayer --port 8766 --redirect-uri http://localhost:8766/truelayer/callback
             if the bank knows that address: it sends browsers to registered ones only
      left:  nothing was looked at and nothing was changed"
    `)
  })

  it('when both banks would come back to one path', () => {
    expect(refusal({ bank: 'monzo', monzoRegistered: other })).toMatchInlineSnapshot(`
      "error: the two banks come back to the same path
      why:   monzo_credentials.json says http://localhost:8766/truelayer/callback,
             the other bank's is http://localhost:5001/truelayer/callback:
             an answer of one could be taken for the other's
      next:  register another path for one of them, and set it:
             such as http://localhost:5001/monzo/callback
      left:  nothing was looked at and nothing was changed"
    `)
    const configured = withMonzo('http://localhost:9000/truelayer/callback')
    expect(refusal({ config: configured, monzoRegistered: null })).toContain('come back to the same path')
  })

  it('when it cannot be used, without a password that stands in it', () => {
    const text = refusal({ bank: 'monzo', monzoRegistered: 'http://me:pass-word@localhost:1/x?key=value' })
    expect(text).toMatchInlineSnapshot(`
      "error: this redirect URI cannot be used
      why:   monzo_credentials.json says http://…@localhost:1/x?…:
             it must not hold a user name or a password
      next:  put it right in monzo_credentials.json: the address that is registered at the bank,
             such as http://localhost:5001/monzo/callback
      left:  nothing was looked at and nothing was changed"
    `)
    expect(text).not.toMatch(/pass-word|value/)
  })

  it.each(['0', '65536', '-1', '5001x', '', '05001', '5001 '])('when --port is %j', (port) => {
    expect(refusal({ port })).toContain(`why:   --port ${JSON.stringify(port)} is not a port, 1 to 65535\n`)
  })
})
