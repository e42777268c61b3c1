import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { get, press } from '../bank/bank-place.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn, shows, throughTheBank } from './person.ts'
import { inTurn } from './turn.ts'

// What a browser can come back with, or not. Until a code of this very login arrives nothing has changed anywhere.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace()
  for (const bank of banks) await place.logsIn(bank)
})
beforeEach(async () => {
  for (const bank of banks) {
    place.forgets(bank)
    await place.knob(bank, { withoutCode: false, wrongState: false, codeTtlMs: 300_000 })
  }
  await place.knob('monzo', { approve: 500 })
  await place.knob('truelayer', { redirectError: null, formPost: false })
})
afterAll(() => place.end())

const rest = { timer: true, switch: '', staged: '', lease: null }
const begin = (bank: Bank) => place.person('reauth', bank, '--anyway', '--yes')

/** Nothing was exchanged, and CT109 goes on with what it had. */
async function untouched(bank: Bank, refresh: string): Promise<void> {
  expect(await place.refreshOnZ2(bank)).toBe(refresh)
  expect(await place.isLive(bank)).toBe(true)
  expect(await place.atRest(bank)).toEqual(rest)
  expect(place.journal(bank)).toBe(null)
  expect(place.hasMac(bank, `tokens_${bank}.json`)).toBe(false)
}

describe('a callback that is not ours or not whole', () => {
  it.each(banks)(
    '%s: wrong paths, states, hosts and a missing code are answered, and the wait goes on',
    async (bank) => {
      const person = begin(bank)
      const url = await person.address()
      const own = `http://localhost:${place.port}`
      expect((await fetch(`${own}/favicon.ico`)).status).toBe(404)
      expect((await fetch(`${own}/`)).status).toBe(404)
      expect(
        (await fetch(`${own}/${bank}/callback?code=EVIL&state=guess`, { method: 'POST' })).status,
      ).toBeGreaterThan(399)
      expect(await shows(`${own}/${bank}/callback?code=EVIL&state=guess`)).toBe('this is another login')
      await person.sees(/! the browser came back from another login; still waiting, Ctrl-C stops/)
      expect(await shows(`${own}/${bank}/callback?error=access_denied&state=guess`)).toBe(
        'the login did not finish',
      )
      await person.sees(/! the browser reported access_denied; still waiting, Ctrl-C stops/)

      await place.knob(bank, { wrongState: true })
      expect(await logsIn(url)).toBe('this is another login')
      await place.knob(bank, { wrongState: false, withoutCode: true })
      if (bank === 'monzo') {
        // TrueLayer's address works once.
        expect(await logsIn(url)).toBe('no code came back')
        await person.sees(/! the browser came back without a code; still waiting, Ctrl-C stops/)
        await place.knob(bank, { withoutCode: false })
        expect(await logsIn(url)).toBe('monzo login finished')
        expect(await person.end(), person.shown).toBe(0)
      } else {
        person.interrupts()
        expect(await person.end()).toBe(130)
        const again = begin(bank)
        expect(await logsIn(await again.address())).toBe('no code came back')
        await again.sees(/! the browser came back without a code; still waiting, Ctrl-C stops/)
        again.interrupts()
        expect(await again.end()).toBe(130)
      }
      expect(await place.isLive(bank)).toBe(true)
      expect(await place.atRest(bank)).toEqual(rest)
    },
  )

  it('as a form_post is as good', async () => {
    await place.knob('truelayer', { formPost: true })
    const person = begin('truelayer')
    const url = await person.address()
    const form = await throughTheForm(url)
    expect(form.status).toBe(200)
    expect(await form.text()).toContain('truelayer login finished')
    expect(await person.end(), person.shown).toBe(0)
  })
})

/** TrueLayer's page that posts the code back, pressed. */
async function throughTheForm(url: string): Promise<Response> {
  const base = new URL(url).origin
  const consent = await press(base, await get(url), 'login')
  const page = await press(base, consent, 'approve')
  const [, action = ''] = page.text.match(/action="([^"]+)"/) ?? []
  const body = new URLSearchParams()
  for (const [, name = '', value = ''] of page.text.matchAll(/name="([^"]+)" value="([^"]*)"/g))
    body.append(name, value)
  return fetch(action, { method: 'POST', body })
}

describe('a login that is not allowed', () => {
  it('at TrueLayer comes back as an error: nothing was exchanged', async () => {
    const refresh = await place.refreshOnZ2('truelayer')
    const person = begin('truelayer')
    expect(await logsIn(await person.address(), 'deny')).toBe('the login was not allowed')
    expect(await person.end(), person.shown).toBe(1)
    expect(person.shown).toMatch(
      /error: the bank did not allow the login\nwhy: +TrueLayer sent the browser back with access_denied/,
    )
    expect(person.shown).toContain('the chain on ct109 is untouched and its timer runs')
    await untouched('truelayer', refresh)
  })

  it('because of an error at the bank is told as that', async () => {
    const refresh = await place.refreshOnZ2('truelayer')
    await place.knob('truelayer', { redirectError: 'temporarily_unavailable' })
    const person = begin('truelayer')
    expect(await logsIn(await person.address())).toBe('truelayer ended the login')
    expect(await person.end(), person.shown).toBe(1)
    expect(person.shown).toContain('TrueLayer sent the browser back with temporarily_unavailable')
    await untouched('truelayer', refresh)
  })

  it('at Monzo never comes back: the wait ends by itself and says what is left', async () => {
    place.setLimits({ loginSeconds: 10 })
    const refresh = await place.refreshOnZ2('monzo')
    const person = begin('monzo')
    expect(await throughTheBank(await person.address(), 'deny')).toBe('')
    expect(await person.end(), person.shown).toBe(4)
    expect(person.shown).toMatch(
      /error: no Monzo login came back\nwhy: +the browser was not sent back within/,
    )
    expect(person.shown).toContain('nothing was exchanged and nothing was changed')
    await untouched('monzo', refresh)
    place.setLimits({ loginSeconds: 600 })
  })
})

describe('a code that the bank does not take', () => {
  it.each(inTurn(banks))('%s: since it came too late', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    await place.knob(bank, { codeTtlMs: 0 })
    const person = begin(bank)
    expect(await logsIn(await person.address())).toBe(`${bank} did not take the code`)
    expect(await person.end(), person.shown).toBe(1)
    expect(person.shown).toMatch(/error: the bank did not allow the login\nwhy: .*\nnext: +npm run reauth/)
    await untouched(bank, refresh)
  })

  it.each(banks)('%s: since somebody else has used it', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    const person = begin(bank)
    const back = await throughTheBank(await person.address())
    await place.exchangeElsewhere(bank, back)
    expect(await shows(back)).toBe(`${bank} did not take the code`)
    expect(await person.end(), person.shown).toBe(1)
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    expect(await place.atRest(bank)).toEqual(rest)
    expect(place.journal(bank)).toBe(null)
    // At Monzo whoever used it has ended our chain; the next poll tells, and a login is then what is needed.
    expect(await place.isLive(bank)).toBe(bank === 'truelayer')
    if (bank === 'truelayer') return
    expect(person.shown).not.toContain('the chain on ct109 is untouched')
    await place.poll(bank)
    expect((await place.doctor(bank)).verdict).toBe('refresh-dead')
    await place.logsIn(bank)
  })

  it.each(inTurn(banks, 1))(
    '%s: a page that is loaded again after the end exchanges nothing',
    async (bank) => {
      const person = begin(bank)
      const back = await throughTheBank(await person.address())
      const [first, second] = await Promise.all([shows(back), shows(back)])
      expect([first, second]).toEqual([`${bank} login finished`, `${bank} login finished`])
      expect(await person.end(), person.shown).toBe(0)
      expect(await place.isLive(bank)).toBe(true)
    },
  )
})
