import { describe, expect, it } from 'vitest'
import { judgeReply } from '../../../lib/login/bank-answer.ts'
import {
  bodyOf,
  bodyText,
  parseStoredReply,
  type StoredReply,
  storedText,
} from '../../../lib/login/token-reply.ts'

const good = { access_token: 'a', refresh_token: 'r', token_type: 'Bearer', expires_in: 3600 }
const reply = (status: number, body: unknown, more: Partial<StoredReply> = {}): StoredReply => ({
  version: 1,
  bank: 'monzo',
  clientId: 'client',
  scopes: null,
  status,
  contentType: 'application/json',
  date: 'Sun, 22 Nov 2026 07:00:00 GMT',
  receivedAt: 1_795_330_800_000,
  whole: true,
  ...bodyOf(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))),
  ...more,
})
const judge = (status: number, body: unknown, more: Partial<StoredReply> = {}) =>
  judgeReply(reply(status, body, more))
const truelayer = { bank: 'truelayer', scopes: 'info accounts offline_access' } as const

describe('what a reply to the exchange comes to', () => {
  it.each([
    ['OAuth', 400, { error: 'invalid_grant' }, 'invalid_grant', 'Monzo refused the login: invalid_grant'],
    [
      'OAuth with words',
      400,
      { error: 'invalid_grant', error_description: 'Code used.' },
      'invalid_grant',
      'Monzo refused the login: invalid_grant, Code used.',
    ],
    [
      'Monzo, developer',
      401,
      { code: 'unauthorized.bad_authorization_code', message: 'Bad code' },
      'unauthorized.bad_authorization_code',
      'Monzo refused the login: unauthorized.bad_authorization_code, Bad code',
    ],
    [
      'Monzo, Open Banking',
      400,
      {
        error: 'invalid_request',
        error_description: 'invalid_grant',
        error_params: { original_error_code: 'bad_request.invalid_grant' },
      },
      'invalid_request',
      'Monzo refused the login: invalid_request, invalid_grant',
    ],
    ['no name', 403, { detail: 'x' }, null, 'Monzo refused the login: HTTP 403'],
  ])('refused: %s', async (_what, status, body, code, says) => {
    expect(await judge(status, body)).toEqual({ kind: 'refused', code, says })
  })

  it.each([
    [401, { error: 'invalid_client' }],
    [400, { error: 'unauthorized_client' }],
    [401, { code: 'unauthorized.invalid_client', message: 'Invalid client' }],
    [400, { error: 'unsupported_grant_type' }],
  ])('config: %i %o', async (status, body) => {
    expect((await judge(status, body)).kind).toBe('config')
  })

  it.each([301, 302, 307, 404, 405, 406, 415])('config: HTTP %i, whatever the body says', async (status) => {
    expect((await judge(status, { error: 'invalid_grant' })).kind).toBe('config')
  })

  it.each([408, 425, 429, 500, 502, 503, 504, 521])(
    'trouble: HTTP %i, whatever the body says',
    async (status) => {
      expect(await judge(status, { error: 'invalid_grant' })).toMatchObject({ kind: 'trouble', sent: true })
    },
  )

  it.each([400, 401, 403])('trouble: HTTP %i with HTML, which is some gateway', async (status) => {
    expect((await judge(status, '<html>')).kind).toBe('trouble')
  })

  it('pending: all that belongs to a login', async () => {
    expect(await judge(200, good)).toEqual({ kind: 'pending' })
    expect(await judge(200, { ...good, scope: 'info accounts' }, truelayer)).toEqual({ kind: 'pending' })
    expect(await judge(200, good, truelayer)).toEqual({ kind: 'pending' })
    expect(await judge(200, good, { contentType: null })).toEqual({ kind: 'pending' })
  })

  it.each([
    ['no access token', { ...good, access_token: undefined }],
    ['an access token that is none', { ...good, access_token: 7 }],
    ['an empty refresh token', { ...good, refresh_token: '' }],
    ['an access token with a line end', { ...good, access_token: `${good.access_token}\n` }],
    ['a refresh token that is not ASCII', { ...good, refresh_token: `${good.refresh_token}é` }],
    ['no token type', { ...good, token_type: undefined }],
    ['another token type', { ...good, token_type: 'mac' }],
    ['an array', [good]],
    ['nothing', ''],
    ['HTML', '<html>'],
  ])('quarantine: HTTP 200 with %s', async (_what, body) => {
    expect((await judge(200, body)).kind).toBe('quarantine')
  })

  it('quarantine: HTTP 201, even with all of it', async () => {
    expect(await judge(201, good)).toEqual({
      kind: 'quarantine',
      says: 'Monzo answered HTTP 201 in the place of 200',
    })
  })

  it('quarantine: several scopes are missing', async () => {
    expect(
      await judge(200, { ...good, scope: 'info' }, { ...truelayer, scopes: 'info accounts cards' }),
    ).toEqual({
      kind: 'quarantine',
      says: 'not everything was agreed to: accounts, cards are missing',
    })
  })

  it('a connection that ended badly matters only when something is missing', async () => {
    expect(await judge(200, good, { whole: false })).toEqual({ kind: 'pending' })
    expect(await judge(200, JSON.stringify(good).slice(0, -1), { whole: false })).toMatchObject({
      kind: 'lost',
    })
    expect(await judge(500, '', { whole: false })).toMatchObject({ kind: 'trouble' })
  })

  it('shows no secret that a bank quotes, and no line break', async () => {
    const quoted = `bad code\n${'x1'.repeat(20)}`
    const outcome = await judge(400, { error: '0123456789abcdef0123456789abcdef', error_description: quoted })
    expect(outcome).toEqual({
      kind: 'refused',
      code: null,
      says: 'Monzo refused the login: bad code [MASKED]',
    })
  })
})

describe('a reply on disk', () => {
  it('comes back byte for byte, UTF-8 or not', () => {
    for (const bytes of [Buffer.from('{"é":1}\r\n'), Buffer.from([0x7b, 0xff, 0x00, 0x7d])]) {
      const stored = parseStoredReply(storedText(reply(200, '', bodyOf(bytes))))
      expect(Buffer.from(stored?.body ?? '', stored?.encoding)).toEqual(bytes)
    }
    expect(bodyText(reply(200, '', bodyOf(Buffer.from('{}'))))).toBe('{}')
  })

  it('is no reply when a byte of it is missing', () => {
    const text = storedText(reply(200, good)).trimEnd()
    for (let length = 0; length < text.length; length++)
      expect(parseStoredReply(text.slice(0, length))).toBeNull()
    expect(parseStoredReply(text + ' '.repeat(100))).not.toBeNull()
  })
})
