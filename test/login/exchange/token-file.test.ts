import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../lab/bank/token.ts'
import { parseConfig } from '../../../lib/config.ts'
import type { Bank } from '../../../lib/invariant.ts'
import type { ShapeKey } from '../../../lib/login/order.ts'
import { makeTokenFile, type TokenSource } from '../../../lib/login/token-file.ts'
import { bodyOf, type StoredReply } from '../../../lib/login/token-reply.ts'

const { keyNames } = parseConfig({}, 'test')
const at = Date.parse('2026-11-22T07:00:00Z') / 1000
const bodies: Record<Bank, object> = {
  monzo: {
    access_token: 'AT',
    client_id: 'C',
    expires_in: 21600,
    refresh_token: 'RT',
    token_type: 'Bearer',
    user_id: 'user_1',
  },
  truelayer: {
    access_token: 'AT',
    expires_in: 3600,
    token_type: 'Bearer',
    refresh_token: 'RT',
    scope: 'info accounts',
  },
}
const reply = (bank: Bank, more: Partial<StoredReply> = {}, body = bodies[bank]): StoredReply => ({
  version: 1,
  bank,
  clientId: 'C',
  scopes: null,
  status: 200,
  contentType: 'application/json',
  date: 'Sun, 22 Nov 2026 07:00:00 GMT',
  receivedAt: (at + 500) * 1000,
  whole: true,
  ...bodyOf(Buffer.from(JSON.stringify(body))),
  ...more,
})
const make = (bank: Bank, shape: ShapeKey[], changes: Partial<TokenSource> = {}) => {
  const { text, ...rest } = makeTokenFile({
    reply: reply(bank),
    shape,
    keyNames,
    consentEnd: null,
    fingerprint,
    ...changes,
  })
  return { file: JSON.parse(text) as object, text, ...rest }
}
const key = (name: string, type: ShapeKey['type'] = 'string', time: ShapeKey['time'] = null): ShapeKey => ({
  key: name,
  type,
  time,
})
const tokens = [key('access_token'), key('refresh_token')]

describe('a token file like the one on Z2', () => {
  it('has its keys in its order, and times from the bank, not from us', () => {
    const shape = [
      key('refresh_token'),
      key('expires_at', 'number', 'seconds'),
      key('access_token'),
      key('full_auth_at', 'number', 'seconds'),
    ]
    const { file, refresh, notes, text } = make('truelayer', shape)
    expect(file).toEqual({ refresh_token: 'RT', expires_at: at + 3600, access_token: 'AT', full_auth_at: at })
    expect(Object.keys(file)).toEqual(['refresh_token', 'expires_at', 'access_token', 'full_auth_at'])
    expect([refresh, notes, text.endsWith('}\n')]).toEqual([fingerprint('RT'), [], true])
  })

  it.each([
    ['number', 'seconds', at],
    ['number', 'milliseconds', at * 1000],
    ['string', 'seconds', String(at)],
    ['string', 'milliseconds', String(at * 1000)],
    ['string', 'iso', '2026-11-22T07:00:00+00:00'],
  ] as const)('writes times as %s of %s', (type, time, value) => {
    const shape = [
      ...tokens,
      ...['full_auth_at', 'obtained_at', 'created_at', 'expires_at'].map((name) => key(name, type, time)),
    ]
    expect(make('truelayer', shape).file).toMatchObject({
      full_auth_at: value,
      obtained_at: value,
      created_at: value,
    })
  })

  it('takes from the reply what the reply has, in the type that the file has', () => {
    const shape = [
      ...tokens,
      key('scope', 'array'),
      key('token_type'),
      key('expires_in', 'string'),
      key('user_id'),
    ]
    expect(make('truelayer', shape).file).toMatchObject({
      scope: ['info', 'accounts'],
      token_type: 'Bearer',
      expires_in: '3600',
    })
    expect(make('monzo', shape).file).toMatchObject({ user_id: 'user_1', expires_in: '21600' })
  })

  it('leaves out what a login does not give, which the commit copies, and times that it does not set', () => {
    const shape = [
      ...tokens,
      key('provider'),
      key('last_error'),
      key('last_error_at', 'number', 'seconds'),
      key('refresh_expires_at', 'number', 'seconds'),
      key('scope', 'object'),
    ]
    expect(Object.keys(make('truelayer', shape).file)).toEqual([
      'access_token',
      'refresh_token',
      'expires_at',
      'full_auth_at',
    ])
  })

  it('fills times that were empty', () => {
    const shape = [...tokens, key('full_auth_at', 'null'), key('expires_at', 'number')]
    expect(make('truelayer', shape).file).toMatchObject({ full_auth_at: at, expires_at: at + 3600 })
  })

  it('writes the end of the consent where the file has one and the bank says so', () => {
    const shape = [...tokens, key('consent_expires_at', 'string', 'iso')]
    expect(make('truelayer', shape, { consentEnd: at + 90 * 86_400 }).file).toMatchObject({
      consent_expires_at: '2027-02-20T07:00:00+00:00',
    })
    expect(make('truelayer', shape).file).not.toHaveProperty('consent_expires_at')
  })

  it('keeps another name for the end of the access token', () => {
    expect(Object.keys(make('monzo', [...tokens, key('expiry', 'number', 'seconds')]).file)).toEqual([
      'access_token',
      'refresh_token',
      'expiry',
    ])
  })

  it('never lacks what the pollers and the doctor need', () => {
    expect(make('truelayer', [key('refresh_token')]).file).toEqual({
      access_token: 'AT',
      refresh_token: 'RT',
      expires_at: at + 3600,
      full_auth_at: at,
    })
  })

  it('uses the configured names', () => {
    const names = { ...keyNames, refreshToken: 'refresh', accessToken: 'access', fullAuthAt: 'login' }
    const shape = [key('refresh'), key('access'), key('login', 'number', 'milliseconds')]
    expect(make('truelayer', shape, { keyNames: names }).file).toEqual({
      refresh: 'RT',
      access: 'AT',
      login: at * 1000,
      expires_at: at + 3600,
    })
  })
})

describe('without a token file on Z2', () => {
  it.each([
    ['monzo', { access_token: 'AT', refresh_token: 'RT', expires_at: at + 21_600, user_id: 'user_1' }],
    ['truelayer', { access_token: 'AT', refresh_token: 'RT', expires_at: at + 3600, full_auth_at: at }],
  ] as const)('%s: the documented keys, and a note that says so', (bank, file) => {
    const names = Object.keys(file).join(', ')
    const notes = [`z2 has no token file to go by, so this one has ${names}`]
    expect(make(bank, [])).toMatchObject({ file, notes })
    expect(make(bank, [key('something', 'object')])).toMatchObject({ file, notes })
  })
})

describe('a reply that lacks something', () => {
  it('no date: our clock, and a note that says so', () => {
    const { file, notes } = make('monzo', tokens, { reply: reply('monzo', { date: null }) })
    expect(file).toMatchObject({ expires_at: at + 500 + 21_600 })
    expect(notes).toEqual([
      "the bank's answer has no date, so times in the token file are by this Mac's clock",
    ])
  })

  it('no expires_in: the access token counts as over, so the poller refreshes it first', () => {
    const { expires_in: _gone, ...body } = bodies.monzo as { expires_in: number }
    expect(make('monzo', tokens, { reply: reply('monzo', {}, body) }).file).toMatchObject({ expires_at: at })
  })
})
