import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { MonzoKnobs, TruelayerKnobs } from '../../../lab/bank/knob.ts'
import type { Bank } from '../../../lib/invariant.ts'
import { askApproval, logOut, whoIs } from '../../../lib/io/login/bank-api.ts'
import { readPending } from '../../../lib/io/login/recover.ts'
import { tokensIn } from '../../../lib/login/token-reply.ts'
import { exchangePlace } from './exchange-place.ts'

const place = await exchangePlace('bank-api')
const { banks } = place
afterAll(() => place.end())
beforeEach(() => {
  banks.monzo.reset()
  banks.truelayer.reset()
  place.clear()
})

/** A login by another way than the browser's, as the reply that is on the Mac's disk. */
async function login(bank: Bank, who?: string) {
  place.clear()
  await place.exchange(await place.comeBack(bank, who === undefined ? {} : { who }))
  const reply = readPending(bank, place.folder)
  if (!reply) throw new Error('no login')
  return { reply, access: tokensIn(reply).access }
}
const troubled = (bank: Bank, how: string): void => {
  const trouble = [{ how, on: 'data', times: 1 }]
  if (bank === 'monzo') banks.monzo.knob({ trouble: trouble as MonzoKnobs['trouble'] })
  else banks.truelayer.knob({ trouble: trouble as TruelayerKnobs['trouble'] })
}

describe('whose login it is', () => {
  it('Monzo: the reply says so, and nothing is asked', async () => {
    const { reply } = await login('monzo')
    const known = await whoIs(reply, place.endpointsOf('monzo'))
    expect(known).toEqual({
      kind: 'known',
      account: [expect.stringMatching(/^[0-9a-f]{16}$/)],
      shown: expect.stringMatching(/^Monzo, user id ending [0-9a-f]{4}$/),
      consentEnd: null,
    })
    expect(banks.monzo.audit().map(({ event }) => event)).toEqual(['login', 'exchange'])
    const again = await login('monzo')
    expect(await whoIs(again.reply, place.endpointsOf('monzo'))).toEqual(known)
    const other = await login('monzo', 'other@example.test')
    expect(await whoIs(other.reply, place.endpointsOf('monzo'))).not.toEqual(known)
  })

  it('Monzo: a reply that does not say so is asked about, which needs no approval', async () => {
    const { reply } = await login('monzo')
    const known = await whoIs(reply, place.endpointsOf('monzo'))
    const { user_id: _gone, ...body } = JSON.parse(reply.body) as Record<string, unknown>
    expect(await whoIs({ ...reply, body: JSON.stringify(body) }, place.endpointsOf('monzo'))).toEqual(known)
  })

  it('TrueLayer: by its accounts, the same at every login, with the last digits and the end of the consent', async () => {
    const { reply } = await login('truelayer')
    const known = await whoIs(reply, place.endpointsOf('truelayer'))
    expect(known).toMatchObject({ kind: 'known', shown: 'NatWest, accounts ending 2001 and 2002' })
    const inDays = known.kind === 'known' ? ((known.consentEnd ?? 0) - Date.now() / 1000) / 86_400 : 0
    expect(Math.round(inDays)).toBe(90)
    const again = await whoIs((await login('truelayer')).reply, place.endpointsOf('truelayer'))
    const other = await whoIs((await login('truelayer', 'other')).reply, place.endpointsOf('truelayer'))
    const accounts = [known, again, other].map((one) => (one.kind === 'known' ? one.account : []))
    expect(accounts[0]).toHaveLength(2)
    expect(accounts[1]).toEqual(accounts[0])
    expect(accounts[2]?.some((one) => accounts[0]?.includes(one))).toBe(false)
  })

  it.each([
    ['html502', 'HTTP 502: trouble at TrueLayer'],
    ['provider_error', 'HTTP 503: trouble at TrueLayer'],
    ['access_denied', 'HTTP 403: access_denied, Access to a specific resource has been denied.'],
    ['notJson', 'the answer of TrueLayer is not what it should be'],
    [
      'dropConnectionBeforeProcessing',
      expect.stringMatching(/^127\.0\.0\.1:\d+ could not be reached: the connection was closed$/),
    ],
    ['cutReply', expect.stringMatching(/^127\.0\.0\.1:\d+ could not be reached: /)],
  ])('TrueLayer in trouble (%s): not known, and why', async (how, says) => {
    const { reply } = await login('truelayer')
    troubled('truelayer', how)
    expect(await whoIs(reply, place.endpointsOf('truelayer'))).toMatchObject({ kind: 'trouble', says })
  })

  it('TrueLayer: not known any more once the access token is over', async () => {
    const { reply } = await login('truelayer')
    banks.truelayer.expireAccess()
    const says = expect.stringMatching(/^HTTP 401: invalid_token, The token expired at /)
    expect(await whoIs(reply, place.endpointsOf('truelayer'))).toEqual({
      kind: 'trouble',
      says,
      expired: true,
    })
  })

  it('TrueLayer: the end of the consent may stay unknown', async () => {
    const { reply } = await login('truelayer')
    const server = createServer((request, response) => {
      if (request.url === '/me') return void response.writeHead(500).end()
      const headers = { authorization: request.headers.authorization ?? '' }
      void fetch(place.url('truelayer', `/data/v1${request.url}`), { headers }).then(async (from) =>
        response.end(await from.text()),
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    expect(await whoIs(reply, { ...place.endpointsOf('truelayer'), apiUrl })).toMatchObject({
      kind: 'known',
      consentEnd: null,
    })
    server.close()
  })
})

describe("the approval in Monzo's app", () => {
  const ask = (access: string) => askApproval(place.endpointsOf('monzo'), access)

  it('is pending, then given, then over when CT109 has refreshed', async () => {
    const { reply, access } = await login('monzo')
    expect(await ask(access)).toEqual({ kind: 'pending' })
    banks.monzo.approve()
    expect(await ask(access)).toEqual({ kind: 'approved' })
    await place.refresh('monzo', tokensIn(reply).refresh)
    expect(await ask(access)).toEqual({ kind: 'refreshed' })
  })

  it.each([
    ['429', 'HTTP 429: too_many_requests, Back off'],
    ['500', 'HTTP 500: trouble at Monzo'],
    ['html503', 'HTTP 503: trouble at Monzo'],
    ['notJson', 'the answer of Monzo is not what it should be'],
  ])('in trouble (%s) is neither', async (how, says) => {
    const { access } = await login('monzo')
    troubled('monzo', how)
    expect(await ask(access)).toMatchObject({ kind: 'trouble', says })
    expect(await ask(access)).toEqual({ kind: 'pending' })
  })

  it('is not read out of another 403', async () => {
    const server = createServer((_request, response) =>
      response.writeHead(403).end('{"code":"forbidden.verification_required"}'),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await askApproval({ apiUrl }, 'a')).toMatchObject({
      kind: 'trouble',
      says: 'HTTP 403: forbidden.verification_required',
    })
    server.close()
  })
})

describe('logging out at the bank', () => {
  it.each(['monzo', 'truelayer'] as const)(
    '%s: the chain is over, which a second try does not claim',
    async (bank) => {
      const { reply, access } = await login(bank)
      expect(await logOut(bank, place.endpointsOf(bank), access)).toEqual({ kind: 'done' })
      expect(banks[bank].isLive(tokensIn(reply).refresh)).toBe(false)
      expect(await logOut(bank, place.endpointsOf(bank), access)).toMatchObject({
        kind: 'trouble',
        expired: true,
      })
    },
  )

  it('a bank in trouble has not done it', async () => {
    const { reply, access } = await login('truelayer')
    troubled('truelayer', 'internal_server_error')
    expect(await logOut('truelayer', place.endpointsOf('truelayer'), access)).toMatchObject({
      kind: 'trouble',
      says: 'HTTP 500: trouble at TrueLayer',
    })
    expect(banks.truelayer.isLive(tokensIn(reply).refresh)).toBe(true)
  })
})

describe('an access token', () => {
  it('follows no redirect, and an answer without end is cut off', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      if (request.url === '/a/accounts') return void response.writeHead(302, { location: '/elsewhere' }).end()
      const endless = (): void => void (response.destroyed || response.write(' '.repeat(65_536), endless))
      endless()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await askApproval({ apiUrl: `${base}/a` }, 'token')).toMatchObject({
      kind: 'trouble',
      says: 'HTTP 302: trouble at Monzo',
    })
    expect(await askApproval({ apiUrl: `${base}/b/` }, 'token')).toMatchObject({
      kind: 'trouble',
      says: expect.stringMatching(/the answer is too long$/),
    })
    expect(asked).toEqual(['/a/accounts', '/b/accounts'])
    server.closeAllConnections()
    server.close()
  })
})
