import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { MonzoKnobs, TruelayerKnobs } from '../../../lab/bank/knob.ts'
import type { Bank } from '../../../lib/invariant.ts'
import type { Exchange } from '../../../lib/io/login/exchange.ts'
import { forgetExchange, readPending, recoverExchange, removePending } from '../../../lib/io/login/recover.ts'
import { tokensIn } from '../../../lib/login/token-reply.ts'
import { exchangePlace } from './exchange-place.ts'

const place = await exchangePlace('knobs')
const { banks } = place
afterAll(() => place.end())
beforeEach(() => {
  banks.monzo.reset()
  banks.truelayer.reset()
  place.clear()
})

const both: Bank[] = ['monzo', 'truelayer']
const run = async (bank: Bank, changes: Parameters<typeof place.comeBack>[1] = {}) =>
  place.exchange(await place.comeBack(bank, changes))
const trouble = (bank: Bank, how: string, more: object = {}): void => {
  const one = [{ how, on: 'token', times: 1, ...more }]
  if (bank === 'monzo') banks.monzo.knob({ trouble: one as MonzoKnobs['trouble'] })
  else banks.truelayer.knob({ trouble: one as TruelayerKnobs['trouble'] })
}

describe('a login that goes well', () => {
  it.each(both)(
    '%s: the reply is on disk, whole and private, and the bank knows the token in it',
    async (bank) => {
      expect(await run(bank)).toEqual({ kind: 'pending' })
      expect(banks[bank].isLive(place.waiting(bank) ?? '')).toBe(true)
      expect(place.names()).toEqual(['.gitignore', `${bank}.pending.json`])
      expect(place.files().every(({ mode }) => mode === 0o600)).toBe(true)
      expect(readPending(bank, place.folder)).toMatchObject({
        status: 200,
        whole: true,
        clientId: banks[bank].client.id,
        date: expect.stringMatching(/ GMT$/),
      })
      expect(await recoverExchange(bank, place.folder)).toEqual({ kind: 'pending' })
    },
  )

  it('Monzo says whose login it is', async () => {
    await run('monzo')
    const reply = readPending('monzo', place.folder)
    expect(reply && tokensIn(reply).userId).toMatch(/^user_/)
  })

  it('TrueLayer takes the verifier of a challenge, and no other', async () => {
    const verifier = 'v'.repeat(43)
    const code_challenge = createHash('sha256').update(verifier).digest('base64url')
    const link = { code_challenge, code_challenge_method: 'S256' }
    expect(await run('truelayer', { link, verifier })).toEqual({ kind: 'pending' })
    place.clear()
    expect(await run('truelayer', { link, verifier: 'w'.repeat(43) })).toMatchObject({
      code: 'invalid_grant',
    })
    expect(await run('truelayer', { link })).toMatchObject({ kind: 'refused', code: 'invalid_grant' })
  })

  it('a slow bank is waited for', async () => {
    trouble('monzo', 'slow', { ms: 1500 })
    expect(await run('monzo')).toEqual({ kind: 'pending' })
  })

  it('the next login is possible once the tokens are taken', async () => {
    await run('monzo')
    removePending('monzo', place.folder)
    expect(await run('monzo')).toEqual({ kind: 'pending' })
  })
})

describe('a no of the bank', () => {
  it.each(both)('%s: a code that was used is refused by name, and nothing is kept', async (bank) => {
    const asked = await place.comeBack(bank)
    await place.exchange(asked)
    place.clear()
    const outcome = await place.exchange(asked)
    expect(outcome).toEqual({
      kind: 'refused',
      code: 'invalid_grant',
      says: {
        monzo: 'Monzo refused the login: invalid_grant, Invalid authorization code',
        truelayer: 'TrueLayer refused the login: invalid_grant',
      }[bank],
    })
    expect(place.names()).toEqual(['.gitignore'])
    expect(await recoverExchange(bank, place.folder)).toEqual({ kind: 'none', says: null })
  })

  it.each(both)('%s: so is a code that is too old, and one for another redirect URI', async (bank) => {
    const port = {
      monzo: 'http://localhost:8766/monzo/callback',
      truelayer: 'http://localhost:8766/truelayer/callback',
    }
    expect(await run(bank, { redirectUri: port[bank] })).toMatchObject({
      kind: 'refused',
      code: 'invalid_grant',
    })
    banks[bank].knob({ codeTtlMs: 0 })
    expect(await run(bank)).toMatchObject({ kind: 'refused', code: 'invalid_grant' })
    expect(place.exchanged(bank)).toBe(0)
  })

  it.each(both)(
    '%s: a wrong client is a matter of configuration, never of logging in again',
    async (bank) => {
      const client = { id: banks[bank].client.id, secret: 'another-secret' }
      expect(await run(bank, { client })).toEqual({
        kind: 'config',
        says: `${{ monzo: 'Monzo', truelayer: 'TrueLayer' }[bank]} does not accept the client: invalid_client; check client_id and client_secret in ${bank}_credentials.json`,
      })
    },
  )

  it('an address that is none of a token endpoint is a matter of configuration too', async () => {
    const { authorizationEndpoint } = place.endpointsOf('monzo')
    const endpoints = { authorizationEndpoint, tokenEndpoint: place.url('monzo', '/oauth2/tokens') }
    expect(await run('monzo', { endpoints })).toEqual({
      kind: 'config',
      says: "HTTP 404 from the address of Monzo's tokens; check bulma:monzo.tokenEndpoint",
    })
  })

  it('an error in the place of the code is told by its name, and the bank is not asked', async () => {
    banks.truelayer.knob({ redirectError: 'access_denied' })
    expect(await run('truelayer')).toEqual({
      kind: 'refused',
      code: 'access_denied',
      says: 'TrueLayer sent the browser back with access_denied',
    })
    expect(banks.truelayer.audit().map(({ event }) => event)).toEqual(['denied'])
    expect(place.names()).toEqual(['.gitignore'])
  })

  it.each([
    [
      'another state',
      { state: 'state-of-another-login' },
      'what the browser brought back does not belong to this login',
    ],
    [
      'no code',
      { state: 'state-a', parameters: 'state=state-a' },
      'Monzo sent the browser back without a code',
    ],
    [
      'two codes',
      { state: 'state-a', parameters: 'state=state-a&code=a&code=b' },
      'Monzo sent the browser back without a code',
    ],
    [
      'two states',
      { state: 'state-a', parameters: 'state=state-a&state=state-a&code=a' },
      'what the browser brought back does not belong to this login',
    ],
    [
      'another issuer',
      { state: 'state-a', parameters: 'state=state-a&code=a&iss=https%3A%2F%2Fother.test' },
      'what the browser brought back does not belong to this login',
    ],
  ])('a callback with %s never reaches the bank', async (_what, changes, says) => {
    expect(await run('monzo', changes as Partial<Exchange>)).toEqual({ kind: 'refused', code: null, says })
    expect(banks.monzo.audit().filter(({ event }) => event !== 'login')).toEqual([])
  })
})

describe('trouble', () => {
  const troubles: [Bank, string, string][] = [
    ['monzo', '429', 'HTTP 429: trouble at Monzo'],
    ['monzo', '500', 'HTTP 500: trouble at Monzo'],
    ['monzo', '504', 'HTTP 504: trouble at Monzo'],
    ['monzo', 'html503', 'HTTP 503: trouble at Monzo'],
    ['truelayer', 'html502', 'HTTP 502: trouble at TrueLayer'],
    ['truelayer', 'internal_server_error', 'HTTP 500: trouble at TrueLayer'],
    ['truelayer', 'provider_too_many_requests', 'HTTP 429: trouble at TrueLayer'],
    ['truelayer', 'connector_timeout', 'HTTP 504: trouble at TrueLayer'],
  ]
  it.each(troubles)('%s, %s: passes, and is never called a refusal', async (bank, how, says) => {
    trouble(bank, how)
    expect(await run(bank)).toEqual({ kind: 'trouble', says, sent: true })
    expect(place.names()).toEqual(['.gitignore'])
    expect(await run(bank)).toEqual({ kind: 'pending' })
  })

  it('a bank that is not there was not asked, and the same code works later', async () => {
    const asked = await place.comeBack('monzo')
    const { authorizationEndpoint } = asked.endpoints
    const endpoints = { authorizationEndpoint, tokenEndpoint: 'http://127.0.0.1:1/oauth2/token' }
    expect(await place.exchange({ ...asked, endpoints })).toEqual({
      kind: 'trouble',
      says: '127.0.0.1:1 could not be reached: connection refused',
      sent: false,
    })
    expect(place.names()).toEqual(['.gitignore'])
    expect(await place.exchange(asked)).toEqual({ kind: 'pending' })
  })

  it('neither is one that never lets us in', async () => {
    // TLS towards a server that says nothing: connected, and yet nothing of ours was sent.
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const endpoints = {
      authorizationEndpoint: 'https://127.0.0.1/',
      tokenEndpoint: `https://127.0.0.1:${port}/token`,
    }
    const outcome = await run('monzo', { endpoints, limitMs: 1000 })
    expect(outcome).toEqual({
      kind: 'trouble',
      says: `127.0.0.1:${port} could not be reached: no answer within 1 s`,
      sent: false,
    })
    server.close()
  })

  it('a redirect is not followed: no secret goes anywhere but where it was meant for', async () => {
    const asked: string[] = []
    const server = createHttpServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(307, { location: '/elsewhere' }).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const endpoints = {
      authorizationEndpoint: 'http://127.0.0.1/',
      tokenEndpoint: `http://127.0.0.1:${port}/token`,
    }
    expect(await run('monzo', { endpoints })).toMatchObject({
      kind: 'config',
      says: expect.stringMatching(/^HTTP 307: /),
    })
    expect(asked).toEqual(['/token'])
    server.close()
  })
})

describe('an answer that does not arrive', () => {
  it.each(both)(
    '%s: dropped after the bank has done its work: lost, and said so as often as it is asked',
    async (bank) => {
      trouble(bank, 'dropConnectionAfterProcessing')
      const outcome = await run(bank)
      expect(outcome).toMatchObject({
        kind: 'lost',
        says: expect.stringMatching(/ was asked and its answer did not arrive: /),
      })
      expect(place.exchanged(bank)).toBe(1)
      expect(await recoverExchange(bank, place.folder)).toMatchObject({ kind: 'lost' })
      expect(await recoverExchange(bank, place.folder)).toMatchObject({ kind: 'lost' })
      forgetExchange(bank, place.folder)
      expect(place.names()).toEqual(['.gitignore'])
    },
  )

  it.each(both)('%s: dropped before: nobody but the bank knows, so it counts as lost', async (bank) => {
    trouble(bank, 'dropConnectionBeforeProcessing')
    expect(await run(bank)).toMatchObject({ kind: 'lost' })
    // the next login clears up after it
    expect(await run(bank)).toEqual({ kind: 'pending' })
  })

  it.each(both)('%s: cut off: lost, and what did come is kept when the next login begins', async (bank) => {
    trouble(bank, 'cutReply')
    expect(await run(bank)).toMatchObject({
      kind: 'lost',
      says: expect.stringMatching(/^the answer of .* was cut off$/),
    })
    expect(await recoverExchange(bank, place.folder)).toMatchObject({ kind: 'lost' })
    await run(bank)
    const kept = place.files().find(({ file }) => file.startsWith(`${bank}.quarantine-`))
    expect(kept?.mode).toBe(0o600)
    expect(kept?.text).toContain('access_token')
  })

  it('longer than any login: lost, and what was read of it is kept', async () => {
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('x'.repeat(1_200_000))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tokenEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
    const endpoints = { ...place.endpointsOf('monzo'), tokenEndpoint }
    expect(await run('monzo', { endpoints })).toEqual({
      kind: 'lost',
      says: 'the answer of Monzo was cut off',
    })
    expect(place.files().find(({ file }) => file === 'monzo.exchange')?.text.length).toBeGreaterThan(
      1_000_000,
    )
    server.close()
  })

  it('slower than we wait: lost', async () => {
    trouble('truelayer', 'slow', { ms: 3000 })
    expect(await run('truelayer', { limitMs: 1000 })).toEqual({
      kind: 'lost',
      says: 'TrueLayer was asked and its answer did not arrive: no answer within 1 s',
    })
    expect(place.exchanged('truelayer')).toBe(1)
  })
})

describe('an answer that must never be pushed', () => {
  const quarantined = async (bank: Bank, changes: Parameters<typeof run>[1] = {}) => {
    const outcome = await run(bank, changes)
    expect(outcome.kind).toBe('quarantined')
    const kept = place.files().filter(({ file }) => /^(monzo|truelayer)\.quarantine-\d{13}\.json$/.test(file))
    expect(kept).toHaveLength(1)
    expect(kept[0]?.mode).toBe(0o600)
    expect(place.names()).not.toContain(`${bank}.pending.json`)
    expect(await recoverExchange(bank, place.folder)).toEqual(outcome)
    return { says: outcome.kind === 'quarantined' ? outcome.says : '', text: kept[0]?.text ?? '' }
  }

  it('Monzo: no refresh token, since the client is not confidential', async () => {
    banks.monzo.knob({ nonConfidential: true })
    const { says, text } = await quarantined('monzo')
    expect(says).toMatch(/^Monzo gave no refresh token: its client must be confidential/)
    expect(text).toContain('simulated-access-token')
  })

  it('TrueLayer: no refresh token, since offline_access was not asked for', async () => {
    const link = { scope: 'info accounts' }
    const { says } = await quarantined('truelayer', { link, scopes: 'info accounts' })
    expect(says).toMatch(/^TrueLayer gave no refresh token: offline_access must be among/)
  })

  it('TrueLayer: a scope is missing', async () => {
    const link = { scope: 'info accounts balance transactions offline_access' }
    const { says, text } = await quarantined('truelayer', { link })
    expect(says).toBe('not everything was agreed to: cards is missing')
    expect(text).toContain('simulated-refresh-token')
  })

  it.each(both)('%s: HTTP 200 and no JSON: the raw answer is kept', async (bank) => {
    trouble(bank, 'notJson')
    const { says, text } = await quarantined(bank)
    expect(says).toMatch(/is not the JSON of a login$/)
    expect(JSON.parse(text).body).toBe('<html>')
  })

  it('does not stand in the way of the next login', async () => {
    banks.monzo.knob({ nonConfidential: true })
    await quarantined('monzo')
    banks.monzo.knob({ nonConfidential: false })
    expect(await run('monzo')).toEqual({ kind: 'pending' })
    expect(await recoverExchange('monzo', place.folder)).toEqual({ kind: 'pending' })
  })
})

describe('a login that waits', () => {
  it('is never written over: the next exchange does not begin', async () => {
    await run('monzo')
    const waiting = place.waiting('monzo')
    const asked = await place.comeBack('monzo')
    await expect(place.exchange(asked)).rejects.toMatchObject({
      exitCode: 1,
      lines: {
        what: 'an earlier login was not finished',
        why: `its tokens wait in ${place.privateFolder}/monzo.pending.json`,
        next: 'npm run push -- monzo',
        left: 'nothing was exchanged; the login that waits is whole',
      },
    })
    expect(place.waiting('monzo')).toBe(waiting)
    expect(place.exchanged('monzo')).toBe(1)
  })

  it('is not looked for behind a link: nothing is sent', async () => {
    symlinkSync('/', place.privateFolder)
    const asked = await place.comeBack('monzo')
    await expect(place.exchange(asked)).rejects.toMatchObject({
      lines: {
        what: `${place.privateFolder} is not safe to use`,
        left: 'nothing was exchanged; the chain on ct109 is untouched',
      },
    })
    expect(place.exchanged('monzo')).toBe(0)
  })

  it('of the other bank has nothing to do with it', async () => {
    await run('monzo')
    expect(await run('truelayer')).toEqual({ kind: 'pending' })
    expect(place.names()).toEqual(['.gitignore', 'monzo.pending.json', 'truelayer.pending.json'])
  })
})
