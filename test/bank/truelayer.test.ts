import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BankPlace, bankPlace, callback, get, postForm, postJson, press } from './bank-place.ts'

let place: BankPlace
beforeEach(async () => {
  place = await bankPlace()
})
afterEach(() => place.close())

type Tokens = { access_token: string; refresh_token: string }
const logIn = async (changes: Record<string, string> = {}): Promise<Tokens> =>
  (await place.exchange('truelayer', place.codeOf(await place.browse('truelayer', changes)))).json as never
const api = (path: string, token?: string) => get(place.url('truelayer', path), token)
const isoAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()

describe('B1: the link to log in', () => {
  it('leads over NatWest to the redirect URI, with code, scope and state', async () => {
    const { status, headers } = await place.browse('truelayer')
    expect(status).toBe(302)
    const to = new URL(headers.get('location') ?? '')
    expect(`${to.origin}${to.pathname}`).toBe(callback.truelayer)
    expect(Object.fromEntries(to.searchParams)).toEqual({
      code: expect.stringMatching(/^simulated-code-truelayer-/),
      scope: 'info accounts balance cards transactions offline_access',
      state: 'state-1',
    })
  })

  it('a cancel comes back as access_denied, with the state', async () => {
    const { headers } = await place.browse('truelayer', {}, 'deny')
    expect(headers.get('location')).toBe(`${callback.truelayer}?error=access_denied&state=state-1`)
  })

  it('form_post brings the code in a form of the browser', async () => {
    const page = await place.browse('truelayer', { response_mode: 'form_post' })
    expect(page.status).toBe(200)
    expect(page.text).toContain(`<form method="post" action="${callback.truelayer}">`)
    expect(page.text).toMatch(/name="code" value="simulated-code-truelayer-/)
    expect(page.text).not.toContain('<script')
  })

  it.each([
    ['another redirect URI', { redirect_uri: `${callback.truelayer}?x=1` }],
    ['no scope', { scope: '' }],
    ['providers without NatWest', { providers: 'uk-ob-barclays' }],
    ['a plain code challenge', { code_challenge: 'x', code_challenge_method: 'plain' }],
    ['another client', { client_id: 'other' }],
  ])('%s: sends no browser anywhere', async (_name, changes) => {
    const { status, headers } = await get(place.authorise('truelayer', changes))
    expect([status, headers.get('location')]).toEqual([400, null])
  })

  it('a link that was gone through is over', async () => {
    await place.browse('truelayer')
    expect((await get(place.authorise('truelayer'))).status).toBe(400)
    expect((await get(place.authorise('truelayer', { state: 'state-2' }))).status).toBe(200)
  })
})

describe('B2: the exchange of a code', () => {
  it('gives the documented reply, to a form and to JSON', async () => {
    const shape = {
      access_token: expect.stringMatching(
        /^eyJ[\w-]+\.eyJ[\w-]+\.simulated-access-token-truelayer-[0-9a-f]{32}$/,
      ),
      expires_in: 3600,
      token_type: 'Bearer',
      refresh_token: expect.stringMatching(/^simulated-refresh-token-truelayer-[0-9a-f]{32}$/),
      scope: 'info accounts balance cards transactions offline_access',
    }
    const form = await place.exchange('truelayer', place.codeOf(await place.browse('truelayer')))
    expect([form.status, form.json]).toEqual([200, shape])
    expect(form.headers.get('x-tl-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
    const code = place.codeOf(await place.browse('truelayer', { state: 'state-2' }))
    const fields = {
      grant_type: 'authorization_code',
      ...place.credentials('truelayer'),
      redirect_uri: callback.truelayer,
      code,
    }
    const json = await postJson(place.tokenUrl('truelayer'), fields)
    expect([json.status, json.json]).toEqual([200, shape])
    const [, payload = ''] = String(json.json.access_token).split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      exp: expect.any(Number),
      scope: expect.any(Array),
      connector_id: 'ob-natwest',
      consent_id: expect.any(String),
      sub: expect.any(String),
    })
  })

  it('without offline_access gives no refresh token', async () => {
    expect(await logIn({ scope: 'info accounts' })).not.toHaveProperty('refresh_token')
  })

  it('a code works once, for its redirect URI only, and not after five minutes', async () => {
    const code = place.codeOf(await place.browse('truelayer'))
    await place.exchange('truelayer', code)
    const again = await place.exchange('truelayer', code)
    expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }])
    const other = place.codeOf(await place.browse('truelayer', { state: '2' }))
    const wrong = await place.exchange('truelayer', other, {
      redirect_uri: 'http://localhost:8766/truelayer/callback',
    })
    expect(wrong.json).toEqual({ error: 'invalid_grant' })
    const late = place.codeOf(await place.browse('truelayer', { state: '3' }))
    place.pass(6 / 24 / 60)
    expect((await place.exchange('truelayer', late)).status).toBe(400)
  })

  it('a code that was asked for with a challenge wants its verifier, and no other does', async () => {
    const verifier = 'v'.repeat(43)
    const code_challenge = createHash('sha256').update(verifier).digest('base64url')
    const asked = { code_challenge, code_challenge_method: 'S256' }
    const code = async (state: string, changes = {}): Promise<string> =>
      place.codeOf(await place.browse('truelayer', { state, ...changes }))
    expect((await place.exchange('truelayer', await code('1', asked))).status).toBe(400)
    expect(
      (await place.exchange('truelayer', await code('2', asked), { code_verifier: 'w'.repeat(43) })).status,
    ).toBe(400)
    expect(
      (await place.exchange('truelayer', await code('3', asked), { code_verifier: verifier })).status,
    ).toBe(200)
    expect((await place.exchange('truelayer', await code('4'), { code_verifier: verifier })).status).toBe(400)
  })

  it('refuses a wrong secret as invalid_client', async () => {
    const reply = await place.exchange('truelayer', 'any', { client_secret: 'other' })
    expect([reply.status, reply.json]).toEqual([400, { error: 'invalid_client' }])
  })
})

describe('B3: the refresh', () => {
  it('rotates: the second with the same token is invalid_grant', async () => {
    const { refresh_token } = await logIn()
    const second = await place.refresh('truelayer', refresh_token)
    expect(second.json.refresh_token).not.toBe(refresh_token)
    const again = await place.refresh('truelayer', refresh_token)
    expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }])
    expect(place.banks.truelayer.isLive(second.json.refresh_token as string)).toBe(true)
  })

  it.each([
    ['same', true],
    ['omit', false],
  ] as const)('%s: the old refresh token goes on working', async (refresh, given) => {
    place.banks.truelayer.knob({ refresh })
    const { refresh_token } = await logIn()
    for (let time = 0; time < 3; time++) {
      const { json } = await place.refresh('truelayer', refresh_token)
      expect(json.refresh_token).toBe(given ? refresh_token : undefined)
    }
  })

  it('ends with the consent after 90 days, and after 30 days without use', async () => {
    const { access_token, refresh_token } = place.banks.truelayer.login({ daysOld: 89.9 })
    const next = (await place.refresh('truelayer', refresh_token)).json as Tokens
    expect(next.refresh_token).toBeDefined()
    expect((await api('/data/v1/accounts', access_token)).status).toBe(401)
    place.banks.truelayer.age(90)
    place.banks.truelayer.knob({ describeInvalidGrant: true })
    const dead = await place.refresh('truelayer', next.refresh_token)
    expect(dead).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant', error_description: expect.any(String) },
    })
    expect(await api('/data/v1/accounts', next.access_token)).toMatchObject({
      status: 403,
      json: { error: 'access_denied' },
    })
    const idle = place.banks.truelayer.login()
    place.pass(30)
    expect((await place.refresh('truelayer', idle.refresh_token)).json).toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('a new login leaves the chain before it alone', async () => {
    const first = await logIn()
    await logIn({ state: '2' })
    expect(place.banks.truelayer.isLive(first.refresh_token)).toBe(true)
  })
})

describe('B4, B5, B8: renewing and ending', () => {
  const again = (refresh_token: string) =>
    postJson(place.url('truelayer', '/v1/reauthuri'), {
      response_type: 'code',
      refresh_token,
      redirect_uri: callback.truelayer,
      state: 's',
    })

  it('reauthuri leads to the bank and back with a code, also after the consent is over', async () => {
    const { refresh_token } = place.banks.truelayer.login({ daysOld: 95 })
    const { status, json } = await again(refresh_token)
    expect([status, json.success]).toEqual([200, true])
    const page = await get(String(json.result))
    const back = await press(
      place.url('truelayer'),
      await press(place.url('truelayer'), page, 'login'),
      'approve',
    )
    expect(new URL(back.headers.get('location') ?? '').searchParams.get('state')).toBe('s')
    expect((await place.exchange('truelayer', place.codeOf(back))).status).toBe(200)
  })

  it('reauthuri refuses an unknown refresh token and a wrong bearer token in its own words', async () => {
    expect(await again('other')).toMatchObject({
      status: 401,
      json: {
        error: 'invalid_request',
        error_description: 'Invalid request',
        error_details: { reason: 'Invalid refresh_token' },
      },
    })
    const reply = await postJson(
      place.url('truelayer', '/v1/reauthuri'),
      {},
      { authorization: 'Bearer other' },
    )
    expect(reply).toMatchObject({
      status: 401,
      json: { error: 'unauthorized', error_details: { reason: 'Invalid token' } },
    })
  })

  it.each(['/connections/extend', '/data/v1/connections/extend'])(
    'POST %s renews the consent without the bank',
    async (path) => {
      const { refresh_token } = place.banks.truelayer.login({ daysOld: 80 })
      const body = {
        user_has_reconfirmed_consent: true,
        ...place.credentials('truelayer'),
        refresh_token,
        redirect_uri: callback.truelayer,
        user: {},
      }
      const { status, json } = await postJson(place.url('truelayer', path), body)
      expect([status, json.action_needed]).toEqual([200, 'no_action_needed'])
      expect(place.banks.truelayer.state().chains[0]?.consentDays).toBeLessThan(1)
      expect(place.banks.truelayer.liveRefresh()).toBe(json.refresh_token)
      const dead = await postJson(place.url('truelayer', path), body)
      expect([dead.status, dead.headers.get('content-type'), dead.json.detail]).toEqual([
        401,
        'application/problem+json',
        'Refresh token missing or invalid.',
      ])
    },
  )

  it('extend asks for a login when told to', async () => {
    place.banks.truelayer.knob({ extend: 'authentication_needed' })
    const { refresh_token } = place.banks.truelayer.login()
    const { json } = await postJson(place.url('truelayer', '/connections/extend'), {
      user_has_reconfirmed_consent: true,
      ...place.credentials('truelayer'),
      refresh_token,
      redirect_uri: callback.truelayer,
    })
    expect(json.action_needed).toBe('authentication_needed')
    expect((await get(String(json.user_input_link))).status).toBe(200)
  })

  it('DELETE /api/delete ends both tokens', async () => {
    const { access_token, refresh_token } = place.banks.truelayer.login()
    const headers = { authorization: `Bearer ${access_token}` }
    const reply = await fetch(place.url('truelayer', '/api/delete'), { method: 'DELETE', headers })
    expect([reply.status, await reply.text()]).toEqual([200, ''])
    expect(place.banks.truelayer.isLive(refresh_token)).toBe(false)
  })
})

describe('B6, B7, B9, B10: the data', () => {
  it('/me tells the consent clock', async () => {
    const { access_token } = place.banks.truelayer.login({ daysOld: 41 })
    const { json } = await api('/data/v1/me', access_token)
    const [me] = json.results as {
      consent_created_at: string
      consent_expires_at: string
      consent_status: string
    }[]
    expect(me?.consent_status).toBe('Authorised')
    expect(Date.parse(me?.consent_expires_at ?? '') - Date.parse(me?.consent_created_at ?? '')).toBe(
      90 * 86_400_000,
    )
    expect(Math.round((Date.now() - Date.parse(me?.consent_created_at ?? '')) / 86_400_000)).toBe(41)
  })

  it('accounts, cards, balances and transactions have their documented shapes', async () => {
    const { access_token } = place.banks.truelayer.login()
    const accounts = await api('/data/v1/accounts', access_token)
    expect(accounts.json.status).toBe('Succeeded')
    const [first] = accounts.json.results as Record<string, unknown>[]
    expect(first).toMatchObject({
      account_id: expect.any(String),
      account_type: 'TRANSACTION',
      display_name: 'Select account',
      currency: 'GBP',
      account_number: {
        number: expect.stringMatching(/^\d{8}$/),
        sort_code: '60-00-01',
        iban: expect.any(String),
        swift_bic: 'NWBKGB2L',
      },
      provider: { provider_id: 'ob-natwest' },
    })
    const path = `/data/v1/accounts/${first?.account_id}`
    expect((await api(`${path}/balance`, access_token)).json.results).toEqual([
      expect.objectContaining({ currency: 'GBP', available: 881.21, current: 881.21, overdraft: 0 }),
    ])
    const { results } = (await api(`${path}/transactions?from=${isoAgo(30)}&to=${isoAgo(0)}`, access_token))
      .json as { results: unknown[] }
    expect(results).toHaveLength(10)
    expect((await api('/data/v1/cards', access_token)).json.results).toHaveLength(1)
  })

  it('another person has other account numbers', async () => {
    const numbers = await Promise.all(
      [{}, { who: '87654321' }].map(
        async (terms) =>
          JSON.stringify(
            (await api('/data/v1/accounts', place.banks.truelayer.login(terms).access_token)).json.results,
          ).match(/"number":"(\d+)"/)?.[1],
      ),
    )
    expect(new Set(numbers).size).toBe(2)
  })

  it('more than 90 days are open for an hour after a login', async () => {
    const { access_token } = place.banks.truelayer.login()
    const { json } = await api('/data/v1/accounts', access_token)
    const id = (json.results as { account_id: string }[])[0]?.account_id
    const ask = (days: number) =>
      api(`/data/v1/accounts/${id}/transactions?from=${isoAgo(days)}&to=${isoAgo(0)}`, access_token)
    expect((await ask(365)).status).toBe(200)
    place.banks.truelayer.age(1)
    expect(await ask(365)).toMatchObject({ status: 403, json: { error: 'sca_exceeded' } })
    expect((await ask(88)).status).toBe(200)
    const bad = await api(`/data/v1/accounts/${id}/transactions?from=x`, access_token)
    expect(bad.json).toEqual({
      error: 'invalid_date_range',
      error_description: 'Invalid date range provided.',
      error_details: {},
    })
  })

  it('an expired token is told when it ended, an unknown account is 404, a scope that is missing 403', async () => {
    const { access_token } = await logIn({ scope: 'info accounts offline_access' })
    expect((await api('/data/v1/accounts/acc_other', access_token)).json.error).toBe('account_not_found')
    expect((await api('/data/v1/cards', access_token)).json.error).toBe('access_denied')
    place.banks.truelayer.expireAccess()
    expect(await api('/data/v1/accounts', access_token)).toMatchObject({
      status: 401,
      json: {
        error: 'invalid_token',
        error_description: expect.stringMatching(/^The token expired at '\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ'$/),
      },
    })
    expect((await api('/data/v1/me')).status).toBe(401)
  })

  it('the list of providers says how NatWest is', async () => {
    const { text } = await api('/api/providers')
    expect(JSON.parse(text)[0]).toMatchObject({
      provider_id: 'uk-ob-natwest',
      availability: { recommended_status: 'healthy' },
    })
  })

  it('405 and 404', async () => {
    expect((await postForm(place.url('truelayer', '/data/v1/me'), {})).status).toBe(405)
    expect((await api('/nowhere')).status).toBe(404)
  })
})
