import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BankPlace, bankPlace, callback, get, postForm, postJson } from './bank-place.ts'

let place: BankPlace
beforeEach(async () => {
  place = await bankPlace()
})
afterEach(() => place.close())

const isoAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()

/** A login in the browser, and its tokens. */
async function logIn(
  who?: string,
): Promise<{ access_token: string; refresh_token: string; user_id: string }> {
  const reply = await place.exchange('monzo', place.codeOf(await place.browse('monzo', {}, undefined, who)))
  return reply.json as never
}

const accountsWith = (token: string) => get(place.url('monzo', '/accounts'), token)

describe('A1: the link to log in', () => {
  it('leads over the e-mail to the redirect URI, with code and state', async () => {
    const { status, headers } = await place.browse('monzo')
    expect(status).toBe(302)
    const to = new URL(headers.get('location') ?? '')
    expect(`${to.origin}${to.pathname}`).toBe(callback.monzo)
    expect(to.searchParams.get('state')).toBe('state-1')
    expect(to.searchParams.get('code')).toMatch(/^simulated-code-monzo-[0-9a-f]{32}$/)
  })

  it('without a state sends none back', async () => {
    const { headers } = await place.browse('monzo', { state: '' })
    expect(new URL(headers.get('location') ?? '').searchParams.has('state')).toBe(false)
  })

  it.each([
    ['another redirect URI', { redirect_uri: `${callback.monzo}/` }],
    ['127.0.0.1 in the place of localhost', { redirect_uri: 'http://127.0.0.1:5001/monzo/callback' }],
    ['another client', { client_id: 'oauth2client_other' }],
    ['another response type', { response_type: 'token' }],
  ])('%s: sends no browser anywhere', async (_name, changes) => {
    const { status, headers } = await get(place.authorise('monzo', changes))
    expect([status, headers.get('location')]).toEqual([400, null])
  })

  it('a person who says no stays on a page: no callback ever comes', async () => {
    const { status, headers } = await place.browse('monzo', {}, 'deny')
    expect([status, headers.get('location')]).toEqual([200, null])
  })

  it('the link of the e-mail works once', async () => {
    const first = await get(place.authorise('monzo'))
    const login = first.text.match(/name="login" value="([^"]+)"/)?.[1] ?? ''
    expect((await get(place.url('monzo', `/magic?login=${login}`))).status).toBe(200)
    await postForm(place.url('monzo', '/link'), { login, choice: 'link' })
    expect((await get(place.url('monzo', `/magic?login=${login}`))).status).toBe(400)
  })
})

describe('A2: the exchange of a code', () => {
  it('gives the documented reply', async () => {
    const { status, json, headers } = await place.exchange('monzo', place.codeOf(await place.browse('monzo')))
    expect(status).toBe(200)
    expect(json).toEqual({
      access_token: expect.stringMatching(/^simulated-access-token-monzo-[0-9a-f]{32}$/),
      client_id: place.banks.monzo.client.id,
      expires_in: 21_600,
      refresh_token: expect.stringMatching(/^simulated-refresh-token-monzo-[0-9a-f]{32}$/),
      token_type: 'Bearer',
      user_id: expect.stringMatching(/^user_0000/),
    })
    expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(5000)
  })

  it('a code works once, for its redirect URI only, and not after its time', async () => {
    const code = place.codeOf(await place.browse('monzo'))
    expect((await place.exchange('monzo', code)).status).toBe(200)
    expect((await place.exchange('monzo', code)).status).toBe(400)
    const other = place.codeOf(await place.browse('monzo'))
    expect(
      (await place.exchange('monzo', other, { redirect_uri: 'http://localhost:8766/monzo/callback' })).status,
    ).toBe(400)
    place.banks.monzo.knob({ codeTtlMs: 0 })
    expect((await place.exchange('monzo', place.codeOf(await place.browse('monzo')))).status).toBe(400)
  })

  it('refuses a wrong secret, a missing field and JSON', async () => {
    const code = place.codeOf(await place.browse('monzo'))
    expect(await place.exchange('monzo', code, { client_secret: 'other' })).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    })
    const { client_id, client_secret } = place.credentials('monzo') as never
    expect(
      (
        await postForm(place.tokenUrl('monzo'), {
          grant_type: 'authorization_code',
          client_id,
          client_secret,
          code,
        })
      ).status,
    ).toBe(400)
    expect((await postJson(place.tokenUrl('monzo'), { grant_type: 'refresh_token' })).status).toBe(400)
    // the code is still good
    expect((await place.exchange('monzo', code)).status).toBe(200)
  })

  it('a client that is not confidential gets no refresh token', async () => {
    place.banks.monzo.knob({ nonConfidential: true })
    expect(await logIn()).not.toHaveProperty('refresh_token')
  })
})

describe('A3: the refresh', () => {
  it('works once: the second with the same token is refused, and the new one lives', async () => {
    const { refresh_token } = await logIn()
    const second = await place.refresh('monzo', refresh_token)
    expect(second.status).toBe(200)
    expect(second.json.refresh_token).not.toBe(refresh_token)
    const again = await place.refresh('monzo', refresh_token)
    expect(again).toMatchObject({
      status: 401,
      json: { code: 'unauthorized.bad_refresh_token', message: 'Bad refresh token' },
    })
    expect(place.banks.monzo.liveRefresh()).toBe(second.json.refresh_token)
    expect((await place.refresh('monzo', second.json.refresh_token as string)).status).toBe(200)
  })

  it('kills the access token before it at once', async () => {
    const { access_token, refresh_token } = await logIn()
    await place.refresh('monzo', refresh_token)
    expect((await get(place.url('monzo', '/ping/whoami'), access_token)).status).toBe(401)
  })

  it('with an expired bearer token never happens', async () => {
    const { access_token, refresh_token } = await logIn()
    place.banks.monzo.expireAccess()
    const reply = await place.refresh('monzo', refresh_token, { authorization: `Bearer ${access_token}` })
    expect(reply).toMatchObject({ status: 401, json: { code: 'unauthorized.bad_access_token.expired' } })
    expect(place.banks.monzo.isLive(refresh_token)).toBe(true)
  })

  it('a new login of the same person evicts the chain before it; of another person, not', async () => {
    const first = await logIn()
    const other = await logIn('other@example.test')
    expect(place.banks.monzo.isLive(first.refresh_token)).toBe(true)
    const second = await logIn()
    const evicted = await place.refresh('monzo', first.refresh_token)
    expect(evicted).toMatchObject({ status: 401, json: { code: 'unauthorized.bad_refresh_token.evicted' } })
    const { json } = await accountsWith(first.access_token)
    expect(json).toMatchObject({
      code: 'unauthorized.bad_access_token.evicted',
      message: 'Access token has been evicted due to a login elsewhere',
    })
    for (const { refresh_token } of [other, second])
      expect(place.banks.monzo.isLive(refresh_token)).toBe(true)
    expect(other.user_id).not.toBe(second.user_id)
  })

  it.each([
    ['bad', 400, 'bad_request.refresh_token.invalid'],
    ['evicted', 400, 'bad_request.refresh_token.evicted'],
  ] as const)('speaks Open Banking when told to: %s', async (why, status, code) => {
    const { refresh_token } = await logIn()
    place.banks.monzo.knob({ errors: 'open-banking' })
    place.banks.monzo.killRefresh(why)
    const reply = await place.refresh('monzo', refresh_token)
    expect([reply.status, reply.json.error]).toEqual([status, 'invalid_request'])
    expect(reply.json.error_params).toMatchObject({ original_error_code: code })
  })
})

describe('A4 to A9: what an access token opens', () => {
  it('before the approval only whoami; the refusal is the captured one, to the letter', async () => {
    const { access_token, user_id } = await logIn()
    const who = await get(place.url('monzo', '/ping/whoami'), access_token)
    expect(who.json).toEqual({ authenticated: true, client_id: place.banks.monzo.client.id, user_id })
    const { status, text } = await accountsWith(access_token)
    expect(status).toBe(403)
    expect(text).toBe(
      '{"code":"forbidden.insufficient_permissions","message":"Access forbidden due to insufficient permissions",' +
        `"params":{"client_id":"oauth2client_simulated_monzo","user_id":"${user_id}"}}\n`,
    )
  })

  it('after the approval everything, and a refresh keeps it', async () => {
    const { access_token, refresh_token } = await logIn()
    expect(place.banks.monzo.approve()).toBe(1)
    expect((await accountsWith(access_token)).status).toBe(200)
    const { json } = await place.refresh('monzo', refresh_token)
    expect((await accountsWith(json.access_token as string)).status).toBe(200)
  })

  it('the approval comes by itself when told to, lapses after 90 days, and never comes when told so', async () => {
    place.banks.monzo.knob({ approve: 0 })
    const { access_token } = await logIn()
    expect((await accountsWith(access_token)).status).toBe(200)
    place.banks.monzo.age(90)
    expect((await accountsWith(access_token)).status).toBe(403)
    place.banks.monzo.approve()
    expect((await accountsWith(access_token)).status).toBe(200)
    place.banks.monzo.knob({ approve: 'never' })
    const never = await logIn()
    await postForm(place.url('monzo', '/app'), { choice: 'approve' })
    expect((await accountsWith(never.access_token)).status).toBe(403)
  })

  it('an expired, a foreign and a missing access token are told apart', async () => {
    const { access_token } = await logIn()
    place.banks.monzo.expireAccess()
    expect(await accountsWith(access_token)).toMatchObject({
      status: 401,
      json: {
        code: 'unauthorized.bad_access_token.expired',
        message: 'Access token has expired',
        error: 'invalid_token',
      },
    })
    expect((await accountsWith('other')).json.code).toBe('unauthorized.bad_access_token')
    expect((await get(place.url('monzo', '/accounts'))).status).toBe(401)
  })

  it('accounts, balance and transactions have their documented shapes', async () => {
    const { access_token } = place.banks.monzo.login({ approved: true })
    const { accounts } = (await accountsWith(access_token)).json as {
      accounts: { id: string; type: string }[]
    }
    expect(accounts.map(({ type }) => type)).toEqual([
      'uk_retail',
      'uk_retail_joint',
      'uk_monzo_flex_backing_loan',
    ])
    const joint = await get(place.url('monzo', '/accounts?account_type=uk_retail_joint'), access_token)
    expect(joint.json.accounts).toHaveLength(1)
    const [current, , flex] = accounts.map(({ id }) => id)
    const balance = await get(place.url('monzo', `/balance?account_id=${current}`), access_token)
    expect(balance.json).toEqual({
      balance: 104_250,
      total_balance: 104_250,
      currency: 'GBP',
      spend_today: 0,
    })
    expect((await get(place.url('monzo', `/transactions?account_id=${flex}`), access_token)).status).toBe(403)
    expect((await get(place.url('monzo', '/transactions?account_id=acc_other'), access_token)).status).toBe(
      404,
    )
    expect((await get(place.url('monzo', '/transactions'), access_token)).status).toBe(400)
  })

  it('transactions come oldest first, in pages that follow each other by id', async () => {
    const { access_token } = place.banks.monzo.login({ approved: true })
    const { accounts } = (await accountsWith(access_token)).json as { accounts: { id: string }[] }
    const base = place.url('monzo', `/transactions?account_id=${accounts[0]?.id}&limit=4`)
    const seen: string[] = []
    let since = isoAgo(30)
    for (let page = 0; page < 5; page++) {
      const { json } = await get(`${base}&since=${since}`, access_token)
      const ids = (json.transactions as { id: string }[]).map(({ id }) => id)
      seen.push(...ids)
      since = ids.at(-1) ?? since
    }
    expect(seen).toHaveLength(10)
    expect([...seen].sort()).toEqual(seen)
  })

  it('older than 90 days is open for five minutes after a login', async () => {
    const { access_token } = place.banks.monzo.login({ approved: true })
    const { accounts } = (await accountsWith(access_token)).json as { accounts: { id: string }[] }
    const base = place.url('monzo', `/transactions?account_id=${accounts[0]?.id}`)
    const status = async (since: string): Promise<number> =>
      (await get(`${base}${since}`, access_token)).status
    expect([await status(''), await status(`&since=${isoAgo(365)}`)]).toEqual([200, 200])
    place.banks.monzo.knob({ windowMs: 0 })
    expect([
      await status(''),
      await status(`&since=${isoAgo(90)}`),
      await status(`&since=${isoAgo(89)}`),
    ]).toEqual([403, 403, 200])
    const { json } = await get(base, access_token)
    expect(json.code).toBe('forbidden.verification_required')
  })

  it('a logout ends both tokens', async () => {
    const { access_token, refresh_token } = place.banks.monzo.login({ approved: true })
    expect(
      (await postForm(place.url('monzo', '/oauth2/logout'), {}, { authorization: `Bearer ${access_token}` }))
        .status,
    ).toBe(200)
    expect((await accountsWith(access_token)).status).toBe(401)
    expect((await place.refresh('monzo', refresh_token)).json.code).toBe('unauthorized.bad_refresh_token')
  })
})

describe('A10: what else an API says', () => {
  it('404, 405 and 406', async () => {
    expect((await get(place.url('monzo', '/nowhere'))).status).toBe(404)
    expect((await get(place.url('monzo', '/oauth2/token'))).status).toBe(405)
    const reply = await fetch(place.url('monzo', '/accounts'), { headers: { accept: 'text/xml' } })
    expect(reply.status).toBe(406)
    expect((await get(place.url('monzo', '/favicon.ico'))).status).toBe(404)
  })
})
