import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BankPlace, bankPlace, callback, get } from './bank-place.ts'

let place: BankPlace
beforeEach(async () => {
  place = await bankPlace()
})
afterEach(() => place.close())

describe("Monzo's troubles", () => {
  it.each([
    ['429', 429, 'application/json'],
    ['500', 500, 'application/json'],
    ['504', 504, 'application/json'],
    ['html503', 503, 'text/html'],
  ] as const)('%s, as often as told, and the chain lives', async (how, status, type) => {
    const { refresh_token } = place.banks.monzo.login()
    place.banks.monzo.knob({ trouble: [{ how, times: 2 }] })
    for (let time = 0; time < 2; time++) {
      const reply = await place.refresh('monzo', refresh_token)
      expect([
        reply.status,
        reply.headers.get('content-type')?.split(';')[0],
        reply.headers.get('retry-after'),
      ]).toEqual([status, type, null])
    }
    expect((await place.refresh('monzo', refresh_token)).status).toBe(200)
  })

  it('on the tokens only, or on the data only', async () => {
    const { access_token, refresh_token } = place.banks.monzo.login({ approved: true })
    place.banks.monzo.knob({ trouble: [{ how: '500', on: 'data' }] })
    expect((await get(place.url('monzo', '/accounts'), access_token)).status).toBe(500)
    expect((await place.refresh('monzo', refresh_token)).status).toBe(200)
    // pages for people are never in trouble
    expect((await get(place.authorise('monzo'))).status).toBe(200)
  })

  it('dropConnectionAfterProcessing really rotated: the old token is dead and nobody has the new one', async () => {
    const { refresh_token } = place.banks.monzo.login()
    place.banks.monzo.knob({ trouble: [{ how: 'dropConnectionAfterProcessing', times: 1 }] })
    await expect(place.refresh('monzo', refresh_token)).rejects.toThrow('fetch failed')
    expect(place.banks.monzo.isLive(refresh_token)).toBe(false)
    expect(place.banks.monzo.liveRefresh()).toMatch(/^simulated-refresh-token-monzo-/)
    expect((await place.refresh('monzo', refresh_token)).json.code).toBe('unauthorized.bad_refresh_token')
  })

  it('dropConnectionBeforeProcessing did not', async () => {
    const { refresh_token } = place.banks.monzo.login()
    place.banks.monzo.knob({ trouble: [{ how: 'dropConnectionBeforeProcessing', times: 1 }] })
    await expect(place.refresh('monzo', refresh_token)).rejects.toThrow('fetch failed')
    expect(place.banks.monzo.isLive(refresh_token)).toBe(true)
  })

  it('cutReply ends in the middle of the body, after the rotation', async () => {
    const { refresh_token } = place.banks.monzo.login()
    place.banks.monzo.knob({ trouble: [{ how: 'cutReply', times: 1 }] })
    await expect(place.refresh('monzo', refresh_token)).rejects.toThrow('terminated')
    expect(place.banks.monzo.isLive(refresh_token)).toBe(false)
  })

  it('slow: what was asked is done before the reply comes', async () => {
    const { refresh_token } = place.banks.monzo.login()
    place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 300, times: 1 }] })
    const began = performance.now()
    const reply = place.refresh('monzo', refresh_token)
    while (place.banks.monzo.isLive(refresh_token)) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(performance.now() - began).toBeLessThan(250)
    expect((await reply).status).toBe(200)
    expect(performance.now() - began).toBeGreaterThan(290)
  })

  it('a refresh without a new refresh token leaves nothing that works', async () => {
    place.banks.monzo.knob({ omitRefreshToken: true })
    const { refresh_token } = place.banks.monzo.login()
    expect((await place.refresh('monzo', refresh_token)).json).not.toHaveProperty('refresh_token')
    expect((await place.refresh('monzo', refresh_token)).status).toBe(401)
  })
})

describe("TrueLayer's troubles", () => {
  it.each([
    ['invalid_grant', 400],
    ['invalid_grant_described', 400],
    ['access_denied', 403],
    ['sca_exceeded', 403],
    ['provider_too_many_requests', 429],
    ['provider_request_limit_exceeded', 429],
    ['internal_server_error', 500],
    ['endpoint_not_supported', 501],
    ['provider_error', 503],
    ['temporarily_unavailable', 503],
    ['connector_overload', 503],
    ['provider_timeout', 504],
    ['connector_timeout', 504],
  ] as const)('%s', async (how, status) => {
    const { access_token } = place.banks.truelayer.login()
    place.banks.truelayer.knob({ trouble: [{ how }] })
    const reply = await get(place.url('truelayer', '/data/v1/accounts'), access_token)
    expect([reply.status, reply.json.error]).toEqual([status, how.replace('_described', '')])
    expect(how.endsWith('_described')).toBe(
      how.startsWith('invalid_grant') && 'error_description' in reply.json,
    )
  })

  it('html502', async () => {
    place.banks.truelayer.knob({ trouble: [{ how: 'html502' }] })
    const { refresh_token } = place.banks.truelayer.login()
    const reply = await place.refresh('truelayer', refresh_token)
    expect([reply.status, reply.text]).toEqual([502, expect.stringContaining('<h1>502 Bad Gateway</h1>')])
    expect(place.banks.truelayer.isLive(refresh_token)).toBe(true)
  })
})

describe('the way back to the client', () => {
  const parameters = async (bank: 'monzo' | 'truelayer'): Promise<Record<string, string>> =>
    Object.fromEntries(new URL((await place.browse(bank)).headers.get('location') ?? '').searchParams)

  it('with a state that is not ours', async () => {
    place.banks.monzo.knob({ wrongState: true })
    place.banks.truelayer.knob({ wrongState: true })
    expect((await parameters('monzo')).state).toBe('not-state-1')
    expect((await parameters('truelayer')).state).toBe('not-state-1')
  })

  it('without a code', async () => {
    place.banks.monzo.knob({ withoutCode: true })
    expect(await parameters('monzo')).toEqual({ state: 'state-1' })
  })

  it('with an error instead', async () => {
    place.banks.truelayer.knob({ redirectError: 'server_error' })
    expect(await parameters('truelayer')).toEqual({ error: 'server_error', state: 'state-1' })
  })

  it('as a form, told by the knob', async () => {
    place.banks.truelayer.knob({ formPost: true })
    expect((await place.browse('truelayer')).text).toContain(`action="${callback.truelayer}"`)
  })
})

describe('the pages', () => {
  it('work with curl alone, and hold no script', async () => {
    const curl = async (...words: string[]): Promise<string> =>
      (await promisify(execFile)('curl', ['-q', '-sS', '--max-time', '5', ...words])).stdout
    const first = await curl(place.authorise('monzo'))
    const login = first.match(/name="login" value="([^"]+)"/)?.[1] ?? ''
    const email = ['-d', `login=${login}`, '--data-urlencode', 'email=person@example.test']
    const second = await curl(...email, place.url('monzo', '/email'))
    const third = await curl(place.url('monzo', second.match(/href="([^"]+)"/)?.[1] ?? ''))
    const redirected = ['-o', '/dev/null', '-w', '%{redirect_url}', '-d', `login=${login}&choice=link`]
    const to = await curl(...redirected, place.url('monzo', '/link'))
    expect(to).toContain(`${callback.monzo}?code=simulated-code-monzo-`)
    expect(first + second + third).not.toContain('<script')
  })

  it('show what came with a link only as text', async () => {
    const { text } = await get(place.authorise('truelayer', { scope: 'info "><script>alert(1)</script>' }))
    expect(text).not.toContain('<script')
  })

  it('the app shows what waits, and a tap approves it', async () => {
    const empty = await get(place.url('monzo', '/app'))
    expect(empty.text).toContain('Nothing waits')
    place.banks.monzo.login()
    const { text } = await get(place.url('monzo', '/app'))
    const chain = text.match(/name="chain" value="([^"]+)"/)?.[1] ?? ''
    const tap = (choice: string): Promise<Response> =>
      fetch(place.url('monzo', '/app'), { method: 'POST', body: new URLSearchParams({ chain, choice }) })
    await tap('dismiss')
    expect(place.banks.monzo.state().chains[0]?.approved).toBe(false)
    await tap('approve')
    expect(place.banks.monzo.state().chains[0]?.approved).toBe(true)
  })
})

it('a knob that there is not is refused', () => {
  expect(() => place.banks.monzo.knob({ aprove: 0 } as never)).toThrow(/aprove/)
  expect(() => place.banks.truelayer.knob({ trouble: [{ how: '429' }] } as never)).toThrow()
})
