import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Me } from '../../../lib/login/order.ts'
import { fingerprint, newChain, Z2Place } from './place.ts'

// Which keys of the old token file live on in the new one: all that is neither a token nor a time nor an error.

let z2: Z2Place
let me: Me
beforeAll(async () => {
  z2 = new Z2Place('monzo')
  me = (await z2.stopped()).me
})
afterAll(() => z2.end())

let logins = 0
/** The new token file after a commit over the old one. `old` is the text of it, or an object without its tokens. */
async function committed(
  old: string | object,
  tokens: Record<string, unknown> = {},
  carry = true,
): Promise<string> {
  logins += 1
  const lease = await z2.take()
  me = { holder: lease.holder, pid: lease.pid, login: lease.login }
  const text =
    typeof old === 'string'
      ? old
      : JSON.stringify({ refresh_token: `old-${logins}`, access_token: 'a', ...old })
  z2.write(z2.tokenPath(), text)
  const before = typeof old === 'string' ? null : fingerprint(`old-${logins}`)
  const { order } = newChain(z2, { me, before }, { credentials: null, tokens })
  expect(await z2.ask({ ...order, carry })).toMatchObject({ done: true, already: false })
  return z2.read(z2.tokenPath()) ?? ''
}

const kept = async (old: object, tokens?: Record<string, unknown>): Promise<object> => {
  const { access_token, refresh_token, expires_at, ...rest } = JSON.parse(await committed(old, tokens))
  expect([typeof access_token, refresh_token]).toEqual(['string', `new-refresh-${me.login}`])
  expect(expires_at).toBe(1795300000)
  return rest
}

it('what a poller keeps there of its own lives on, with its JSON types', async () => {
  const own = {
    user_id: 'user_1',
    account_id: 'acc_0000000001',
    accounts: [{ id: 'acc_1', name: 'Current' }, 7, null],
    budget: { limit: 12.5, on: true },
    café: 'ü "quoted" \\ ',
    big: 12345678,
    scope: 'a b',
    token_type: 'Bearer',
  }
  expect(await kept(own)).toEqual(own)
})

it.each([
  [
    'tokens',
    {
      id_token: 'x',
      refreshToken: 'x',
      old_refresh_token: 'x',
      client_secret: 'x',
      tokens: ['x'],
      code: 'x',
    },
  ],
  ['tokens further down', { previous: { refresh_token: 'x' }, list: [{ access_token: 'x' }] }],
  [
    'times',
    {
      full_auth_at: 1,
      expires_in: 21600,
      obtained_at: '2026',
      lastLogin: 'x',
      last_refresh: 5,
      updatedAt: 3,
      expiry: 'x',
    },
  ],
  ['times by their form', { began: 1795300000, ends: 1795300000123, when: '2026-11-22T07:00:00Z' }],
  [
    'errors',
    { error: 'invalid_grant', last_error: 'x', failures: 3, needs_reauth: true, error_description: 'x' },
  ],
])('%s of the old login do not', async (_, old) => {
  expect(await kept({ ...old, user_id: 'u' })).toEqual({ user_id: 'u' })
})

it('the new file wins where both have a key, and keeps every byte of its own', async () => {
  const text = await committed(
    { user_id: 'old', scope: 'old', note: 'n' },
    { user_id: 'new', n: 1.0, amount: 0.1 },
  )
  expect(JSON.parse(text)).toMatchObject({ user_id: 'new', scope: 'old', note: 'n' })
  expect(text).toMatch(/^\{\n {2}"access_token": "new-access-\d+",\n/)
  expect(text).toMatch(/"amount": 0\.1,\n {2}"note": "n",\n {2}"scope": "old"\n\}\n$/)
})

it('nothing is carried when it was not asked for, or out of a broken file', async () => {
  expect(await committed({ user_id: 'u' }, {}, false)).not.toContain('user_id')
  expect(await committed('{"user_id":"u"', {})).not.toContain('user_id')
})

it('names that the configuration gives to tokens and times are not carried either', async () => {
  const { keyNames } = z2.config
  z2.config = { ...z2.config, keyNames: { ...keyNames, accessToken: 'zugang', fullAuthAt: 'anfang' } }
  expect(await kept({ zugang: 'x', anfang: 'heute', user_id: 'u' })).toEqual({ user_id: 'u' })
})
