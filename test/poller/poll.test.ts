import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PollPlace, pollers, pollPlace } from './poll-place.ts'

describe.each(pollers)('the %s poller', (poller) => {
  let place: PollPlace
  beforeEach(async () => {
    place = await pollPlace('poll', poller)
  })
  afterEach(() => place.close())

  const monzoGood = ['2 accounts, 14 transactions, total -83.20 GBP', 'done']
  const truelayerGood = [
    '3 accounts, 21 transactions, total -412.07 GBP',
    'credit-accounts.json updated',
    'done',
  ]
  const secondsNow = (): number => Math.floor(Date.now() / 1000)

  describe('a poll that goes well', () => {
    it('with a fresh access token asks for no other', async () => {
      expect(await place.poll('monzo')).toEqual({
        code: 0,
        signal: null,
        lines: ['tokens loaded', ...monzoGood],
      })
      expect(place.banks.monzo.audit().map(({ event }) => event)).not.toContain('refresh')
    })

    it('renews an access token whose time is over, and keeps what else is in the file', async () => {
      place.write('truelayer', {
        ...place.read('truelayer'),
        expires_at: secondsNow() + 30,
        provider: 'natwest',
        nested: { a: [1] },
      })
      const before = place.read('truelayer')
      expect((await place.poll('truelayer')).lines).toEqual(['tokens loaded', 'refresh ok', ...truelayerGood])
      const after = place.read('truelayer')
      expect(after).toMatchObject({
        provider: 'natwest',
        nested: { a: [1] },
        full_auth_at: before.full_auth_at,
      })
      expect(after.refresh_token).toBe(place.banks.truelayer.liveRefresh())
      expect(after.refresh_token).not.toBe(before.refresh_token)
      expect(Math.abs(after.expires_at - secondsNow() - 3600)).toBeLessThan(10)
    })

    it('renews an access token that the bank refuses, whatever its time says', async () => {
      place.banks.monzo.expireAccess()
      const lines = ['tokens loaded', 'the access token is no longer accepted', 'refresh ok', ...monzoGood]
      expect(await place.poll('monzo')).toEqual({ code: 0, signal: null, lines })
    })

    it('writes what the cards owe to credit-accounts.json', async () => {
      await place.poll('truelayer')
      const written = JSON.parse(readFileSync(join(place.data, 'credit-accounts.json'), 'utf8'))
      expect(written).toEqual({
        accounts: 3,
        updated: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        credit: [{ currency: 'GBP', available: -215.1, current: -215.1 }],
      })
    })

    it('leaves nothing else behind', async () => {
      place.age('monzo')
      await place.poll('monzo')
      expect(readdirSync(place.data).filter((name) => name.startsWith('.'))).toEqual([])
    })

    it.each([
      ['an empty access token', { access_token: '' }],
      ['a time in words', { expires_at: '2026-11-22T00:00:00Z' }],
      ['no time at all', { expires_at: undefined }],
    ])('%s counts as expired', async (_name, changes) => {
      place.write('monzo', { ...place.read('monzo'), ...changes })
      expect((await place.poll('monzo')).lines).toEqual(['tokens loaded', 'refresh ok', ...monzoGood])
    })

    it('keeps the refresh token when TrueLayer gives none or the same one', async () => {
      for (const refresh of ['omit', 'same'] as const) {
        place.banks.truelayer.knob({ refresh })
        const before = place.read('truelayer')
        place.age('truelayer')
        expect((await place.poll('truelayer')).lines).toContain('refresh ok')
        expect(place.read('truelayer').refresh_token).toBe(before.refresh_token)
        expect(place.read('truelayer').access_token).not.toBe(before.access_token)
      }
    })

    it.each(['monzo', 'truelayer'] as const)(
      'asks %s for less history when older is closed',
      async (bank) => {
        const { code, lines } = await place.poll(bank, { BULMA_HISTORY_DAYS: '365' })
        expect(code).toBe(0)
        // one more line than in 30 days: that of 75 days ago
        expect(lines.join('\n')).toContain(bank === 'monzo' ? '15 transactions' : '22 transactions')
      },
    )
  })

  describe('a poll that a person must help', () => {
    it('a dead refresh token is said in the words of the runbook', async () => {
      place.banks.monzo.killRefresh()
      const says =
        'refresh failed: HTTP 401: {"code":"unauthorized.bad_refresh_token","message":"Bad refresh token"}'
      expect(await place.poll('monzo')).toMatchObject({
        code: 1,
        lines: ['tokens loaded', expect.any(String), says],
      })
    })

    it.each([
      ['bad', 'bad_request.refresh_token.invalid', 'Bad refresh token'],
      ['evicted', 'bad_request.refresh_token.evicted', 'Refresh token has been evicted'],
    ] as const)('a dead refresh token in the words of Open Banking: %s', async (why, code, text) => {
      place.banks.monzo.knob({ errors: 'open-banking' })
      place.banks.monzo.killRefresh(why)
      const says = JSON.stringify({ error: 'invalid_request', error_description: text, code })
      expect((await place.poll('monzo')).lines.at(-1)).toBe(`refresh failed: HTTP 400: ${says}`)
    })

    it('a dead consent is invalid_grant at the refresh and access_denied before it', async () => {
      place.banks.truelayer.age(91)
      expect((await place.poll('truelayer')).lines.at(-1)).toMatch(/^HTTP 403: .*"error":"access_denied"/)
      place.age('truelayer')
      const { code, lines } = await place.poll('truelayer')
      expect([code, lines.at(-1)]).toEqual([1, 'refresh failed: HTTP 400: {"error":"invalid_grant"}'])
    })

    it('an approval that is still to come is no failure, and the tokens stay', async () => {
      place.write('monzo', place.banks.monzo.login())
      const before = place.read('monzo')
      expect(await place.poll('monzo')).toMatchObject({
        code: 0,
        lines: ['tokens loaded', 'HTTP 403: Forbidden on /accounts'],
      })
      expect(place.read('monzo')).toEqual(before)
      place.banks.monzo.approve()
      expect((await place.poll('monzo')).lines).toEqual(['tokens loaded', ...monzoGood])
    })

    it('sca_exceeded is no failure', async () => {
      place.banks.truelayer.knob({ trouble: [{ how: 'sca_exceeded', on: 'data' }] })
      expect(await place.poll('truelayer')).toMatchObject({
        code: 0,
        lines: ['tokens loaded', 'HTTP 403: {"error":"sca_exceeded"}'],
      })
    })

    it('wrong client credentials are never called a dead token', async () => {
      for (const bank of ['monzo', 'truelayer'] as const) {
        writeFileSync(
          join(place.data, `${bank}_credentials.json`),
          '{"client_id":"other","client_secret":"other"}',
        )
        place.age(bank)
        const { code, lines } = await place.poll(bank)
        expect(code).toBe(1)
        expect(lines.at(-1)).toBe(
          `refresh refused: check client_id and client_secret in ${bank}_credentials.json`,
        )
      }
    })

    it('an access token that is refused again right after a refresh is said, once', async () => {
      place.banks.monzo.knob({ accessTtlMs: 0 })
      place.age('monzo')
      const { code, lines } = await place.poll('monzo')
      expect(code).toBe(1)
      expect(lines).toEqual([
        'tokens loaded',
        'refresh ok',
        expect.stringMatching(/^HTTP 401 on \/accounts: .*expired/),
      ])
    })

    it('a reply without a refresh token is kept aside and said', async () => {
      place.banks.monzo.knob({ omitRefreshToken: true })
      const before = place.read('monzo')
      place.age('monzo')
      const { code, lines } = await place.poll('monzo')
      expect([code, lines.at(-1)]).toEqual([
        1,
        'refresh failed: HTTP 200 without the expected fields; the reply is in .tokens_monzo.json.quarantine',
      ])
      expect(place.read('monzo')).toEqual({ ...before, expires_at: 1 })
      expect(existsSync(join(place.data, '.tokens_monzo.json.quarantine'))).toBe(true)
    })
  })

  describe('a token file that is none', () => {
    const instead = (put: () => void): void => {
      rmSync(place.path('monzo'))
      put()
    }

    it.each([
      ['No such file or directory', () => rmSync(place.path('monzo'))],
      ['No such file or directory', () => instead(() => symlinkSync('/nowhere/at/all', place.path('monzo')))],
      ['not a regular file', () => instead(() => mkdirSync(place.path('monzo')))],
      ['no JSON', () => writeFileSync(place.path('monzo'), '{"refresh_token": "cut')],
      ['no refresh_token', () => place.write('monzo', { access_token: 'x', refresh_token: '' })],
      ['no refresh_token', () => writeFileSync(place.path('monzo'), '')],
      ['no refresh_token', () => writeFileSync(place.path('monzo'), '[1]')],
    ])('%s', async (why, spoil) => {
      spoil()
      expect(await place.poll('monzo')).toEqual({
        code: 1,
        signal: null,
        lines: [`cannot read tokens_monzo.json: ${why}`],
      })
    })
  })

  describe('a bank in trouble', () => {
    it.each([
      ['429', 'refresh failed: HTTP 429: trouble at the bank'],
      ['500', 'refresh failed: HTTP 500: trouble at the bank'],
      ['html503', 'refresh failed: HTTP 503: trouble at the bank'],
      ['notJson', 'network or bank trouble: no JSON in the reply to the refresh'],
      ['dropConnectionBeforeProcessing', 'network error: 127.0.0.1: Empty reply from server'],
    ] as const)('%s at the refresh: the tokens stay, and the next poll is good', async (how, says) => {
      place.banks.monzo.knob({ trouble: [{ how, on: 'token', times: 1 }] })
      place.age('monzo')
      const before = place.read('monzo')
      expect(await place.poll('monzo')).toEqual({ code: 1, signal: null, lines: ['tokens loaded', says] })
      expect(place.read('monzo')).toEqual(before)
      expect((await place.poll('monzo')).lines).toEqual(['tokens loaded', 'refresh ok', ...monzoGood])
    })

    it.each(['provider_too_many_requests', 'html502', 'connector_timeout', 'internal_server_error'] as const)(
      '%s at the data: said with its status',
      async (how) => {
        place.banks.truelayer.knob({ trouble: [{ how, on: 'data' }] })
        const { code, lines } = await place.poll('truelayer')
        expect(code).toBe(1)
        expect(lines.at(-1)).toMatch(/^HTTP (429|5\d\d) on \/accounts: trouble at the bank$/)
      },
    )

    it.each(['monzo', 'truelayer'] as const)(
      '%s: a page in the place of data ends the poll',
      async (bank) => {
        place.banks[bank].knob({ trouble: [{ how: 'notJson', on: 'data' }] })
        const before = place.read(bank)
        const { code, lines } = await place.poll(bank)
        expect([code, lines]).toEqual([1, ['tokens loaded', 'network or bank trouble: no JSON on /accounts']])
        expect(place.read(bank)).toEqual(before)
      },
    )

    it('a reply that never came is the one way to lose a chain: the next poll says so', async () => {
      place.banks.monzo.knob({ trouble: [{ how: 'dropConnectionAfterProcessing', on: 'token', times: 1 }] })
      place.age('monzo')
      expect((await place.poll('monzo')).lines.at(-1)).toBe(
        'network error: 127.0.0.1: Empty reply from server',
      )
      expect((await place.poll('monzo')).lines.at(-1)).toMatch(/Bad refresh token/)
    })

    it('a bank that is not there, and one that is too slow', async () => {
      const off = await place.poll('monzo', { BULMA_MONZO_API: 'http://127.0.0.1:9' })
      expect(off.lines.at(-1)).toMatch(/^network error: 127\.0\.0\.1: Failed to connect/)
      place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 3000, on: 'data' }] })
      const slow = await place.poll('monzo', { BULMA_PATIENCE: '1' })
      expect(slow.lines.at(-1)).toMatch(/^network error: 127\.0\.0\.1: Operation timed out/)
    })

    it('a name that does not resolve', async () => {
      // a label of 64 letters is none: the resolver says so without asking anybody
      const host = `${'a'.repeat(64)}.invalid`
      const { lines } = await place.poll('monzo', { BULMA_MONZO_API: `http://${host}` })
      expect(lines.at(-1)).toBe(`network error: ${host}: Could not resolve host: ${host}`)
    })
  })
})
