import { statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn, throughTheBank } from './person.ts'
import { inTurn } from './turn.ts'

// A bank that misbehaves while the code is exchanged. Transient is never called dead; what may be lost is said to be; a reply
// that is no whole login is kept and never pushed; and in each case the poll timer runs again.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace()
})
beforeEach(async () => {
  await place.knob('monzo', { approve: 500, nonConfidential: false })
  for (const bank of banks) {
    place.forgets(bank)
    await place.knob(bank, { trouble: [] })
    // Whatever the test before has ended: a chain that lives, and a record of whose it is.
    if (!(await place.isLive(bank)) || (await place.record(bank)) === null) await place.logsIn(bank)
  }
})
afterAll(() => place.end())

const rest = { timer: true, switch: '', staged: '', lease: null }

/** A login whose exchange goes wrong. */
async function goesWrong(bank: Bank) {
  const refresh = await place.refreshOnZ2(bank)
  const person = place.person('reauth', bank, '--anyway', '--yes')
  const page = await logsIn(await person.address())
  const code = await person.end()
  expect(await place.refreshOnZ2(bank)).toBe(refresh)
  expect(await place.atRest(bank)).toEqual(rest)
  expect(place.hasMac(bank, `tokens_${bank}.json`)).toBe(false)
  return { page, code, shown: person.shown }
}

const troubles: [Bank, string][] = [
  ['monzo', '429'],
  ['monzo', '500'],
  ['monzo', '504'],
  ['monzo', 'html503'],
  ['truelayer', 'html502'],
  ['truelayer', 'internal_server_error'],
  ['truelayer', 'provider_too_many_requests'],
  ['truelayer', 'temporarily_unavailable'],
  ['truelayer', 'connector_timeout'],
]

describe('a bank in trouble', () => {
  it.each(inTurn(troubles))('%s: %s: no tokens came, and the chain on ct109 goes on', async (bank, how) => {
    await place.knob(bank, { trouble: [{ how, on: 'token' }] })
    const { page, code, shown } = await goesWrong(bank)
    expect([page, code], shown).toEqual([`${bank} has trouble`, 1])
    expect(shown).toMatch(/error: the login could not be finished just now\nwhy: +HTTP \d\d\d: trouble at/)
    expect(shown).not.toMatch(/dead/)
    expect(place.journal(bank)).toBe(null)
    expect(await place.isLive(bank)).toBe(true)
    await place.knob(bank, { trouble: [] })
    await place.poll(bank)
    expect((await place.doctor(bank)).verdict).toBe('healthy')
  })

  it.each(inTurn(banks))('%s: that is only slow is waited for', async (bank) => {
    await place.knob(bank, { trouble: [{ how: 'slow', ms: 4000, on: 'token' }] })
    const person = place.person('reauth', bank, '--anyway', '--yes')
    expect(await logsIn(await person.address())).toBe(`${bank} login finished`)
    await place.knob(bank, { trouble: [] })
    expect(await person.end(), person.shown).toBe(0)
    expect(await place.isLive(bank)).toBe(true)
  })
})

describe('a reply that does not arrive', () => {
  it.each(
    banks.flatMap((bank) =>
      (['dropConnectionAfterProcessing', 'cutReply'] as const).map((how) => [bank, how] as const),
    ),
  )('%s: %s: the login is lost, which is said, and the next one is a good one', async (bank, how) => {
    await place.knob(bank, { trouble: [{ how, on: 'token', times: 1 }] })
    const { page, code, shown } = await goesWrong(bank)
    expect([page, code], shown).toEqual(['the login was lost', 4])
    expect(shown).toContain('error: the login was lost, log in again')
    expect(shown).toContain(
      bank === 'monzo'
        ? 'the chain on ct109 may have ended with it: the next poll tells'
        : 'the chain on ct109 is as it was',
    )
    expect(place.journal(bank)).toBe(null)
    expect(await place.isLive(bank)).toBe(bank === 'truelayer')
    await place.poll(bank)
    await place.order({ bank, do: 'expireAccess' })
    await place.poll(bank)
    expect((await place.doctor(bank)).verdict).toBe(bank === 'monzo' ? 'refresh-dead' : 'healthy')
    const next = shown.match(/next: +npm run (.*)/)?.[1] ?? ''
    expect(next).toMatch(new RegExp(`^reauth -- ${bank} .*--anyway`))
    await place.logsIn(bank)
    expect((await place.doctor(bank)).verdict).toBe('healthy')
  })

  it.each(inTurn(banks, 1))(
    '%s: a connection that ends before the bank heard of it loses nothing',
    async (bank) => {
      await place.knob(bank, { trouble: [{ how: 'dropConnectionBeforeProcessing', on: 'token', times: 1 }] })
      const { code, shown } = await goesWrong(bank)
      expect(code, shown).not.toBe(0)
      expect(await place.isLive(bank)).toBe(true)
      await place.poll(bank)
      expect((await place.doctor(bank)).verdict).toBe('healthy')
    },
  )
})

describe('a reply that is no whole login', () => {
  /** It is kept, 0600, beside the journal, and nothing of it can be pushed. */
  async function isKept(bank: Bank, shown: string): Promise<void> {
    const [path = ''] = shown.match(/\/\S+\.reauth\/\S+quarantine-\d+\.json/) ?? []
    expect(path, shown).not.toBe('')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(shown).toContain('is never pushed')
    expect(place.journal(bank)).toBe(null)
    const push = await place.run('push', bank)
    expect([push.code, push.err]).toEqual([1, expect.stringContaining('there is nothing to push')])
    expect((await place.run('verify', bank)).out).not.toMatch(/deleted/)
  }

  it('monzo: without a refresh token, since the client is not confidential', async () => {
    await place.knob('monzo', { nonConfidential: true })
    const { page, code, shown } = await goesWrong('monzo')
    expect([page, code], shown).toEqual(["monzo's answer is not complete", 1])
    expect(shown).toMatch(/Monzo gave no refresh token: its client must be confidential/)
    await isKept('monzo', shown)
  })

  it('truelayer: without a refresh token, since offline_access was not asked for', async () => {
    place.configure('truelayer', '{ scopes: info accounts balance cards transactions }')
    const { page, code, shown } = await goesWrong('truelayer')
    expect([page, code], shown).toEqual(["truelayer's answer is not complete", 1])
    expect(shown).toMatch(/offline_access must be among bulma:truelayer\.scopes/)
    await isKept('truelayer', shown)
    place.configure('truelayer', null)
    expect(await place.isLive('truelayer')).toBe(true)
  })

  it('truelayer: with a scope that the person did not agree to', async () => {
    const refresh = await place.refreshOnZ2('truelayer')
    const person = place.person('reauth', 'truelayer', '--anyway', '--yes')
    const url = new URL(await person.address())
    url.searchParams.set('scope', 'info accounts balance offline_access')
    const page = await logsIn(url.href)
    expect([page, await person.end()], person.shown).toEqual(["truelayer's answer is not complete", 1])
    expect(person.shown).toMatch(/not everything was agreed to: cards, transactions are missing/)
    await isKept('truelayer', person.shown)
    expect(await place.refreshOnZ2('truelayer')).toBe(refresh)
    expect(await place.isLive('truelayer')).toBe(true)
  })

  it.each(inTurn(banks))('%s: that is no JSON at all', async (bank) => {
    await place.knob(bank, { trouble: [{ how: 'notJson', on: 'token', times: 1 }] })
    const { page, code, shown } = await goesWrong(bank)
    expect(code, shown).not.toBe(0)
    expect(page).toMatch(/not complete|was lost|has trouble/)
    expect(shown).not.toMatch(/the chain on ct109 is untouched/)
    expect(place.journal(bank)).toBe(null)
    expect((await place.run('push', bank)).code).toBe(1)
  })
})

describe('a client that the bank does not take', () => {
  it.each(inTurn(banks, 1))(
    '%s: is a matter of configuration: another login would not help',
    async (bank) => {
      const path = place.mac(bank, `${bank}_credentials.json`)
      const person = place.person('reauth', bank, '--anyway', '--yes')
      const back = await throughTheBank(await person.address())
      // The secret was renewed in the bank's console and not yet here.
      await place.project.lab('break', `mac-credentials-absent-${bank}`)
      writeFileSync(
        path,
        JSON.stringify({ client_id: `oauth2client_simulated_${bank}`, client_secret: 'mnzconf.old' }),
        {
          mode: 0o600,
        },
      )
      const page = await (await fetch(back)).text()
      expect(page).toContain(`${bank} did not take the client`)
      expect(await person.end(), person.shown).toBe(64)
      expect(person.shown).toMatch(/error: the bank does not accept this client\n/)
      expect(person.shown).toContain('another login would not help')
      await place.project.lab('mend')
      expect(await place.isLive(bank)).toBe(true)
      expect(await place.atRest(bank)).toEqual(rest)
      expect(place.journal(bank)).toBe(null)
    },
  )
})

describe('a bank that does not say whose login it is', () => {
  it('truelayer: the login waits on the Mac, and push finishes it', async () => {
    const refresh = await place.refreshOnZ2('truelayer')
    await place.knob('truelayer', { trouble: [{ how: 'provider_error', on: 'data' }] })
    const person = place.person('reauth', 'truelayer', '--anyway', '--yes')
    await logsIn(await person.address())
    expect(await person.end(), person.shown).toBe(1)
    expect(person.shown).toContain('error: TrueLayer does not say whose login it is')
    expect(person.shown).toContain('next:  npm run push -- truelayer --stack lab')
    expect(place.journal('truelayer')?.step).toBe('tokens-on-mac')
    expect(await place.refreshOnZ2('truelayer')).toBe(refresh)
    expect(await place.atRest('truelayer')).toEqual(rest)
    await place.knob('truelayer', { trouble: [] })
    const push = await place.run('push', 'truelayer')
    expect(push.code, push.err).toBe(0)
    expect(await place.refreshOnZ2('truelayer')).not.toBe(refresh)
    expect((await place.doctor('truelayer')).verdict).toBe('healthy')
  })
})
