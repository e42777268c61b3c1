import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'
import { again, begin, finished, rest, steps, upTo } from './login-steps.ts'
import { logsIn, type Person, throughTheBank } from './person.ts'
import { inTurn } from './turn.ts'

// Ctrl-C and a closed terminal at every step that a person can see: things are put in order first, nothing is ever lost, and
// the same command carries on.

vi.setConfig({ testTimeout: 400_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace({ limits: { switchSeconds: 20, leaseSeconds: 30 } })
  for (const bank of banks) await place.logsIn(bank)
})
beforeEach(async () => {
  for (const bank of banks) place.forgets(bank)
  await place.knob('monzo', { approve: 500 })
})
afterAll(() => place.end())

const ways = {
  'Ctrl-C': async (person: Person) => {
    person.interrupts()
    expect([0, 130], person.shown).toContain(await person.end())
  },
  'a closed terminal': (person: Person) => person.closes(),
} as const
const everyWay = Object.keys(ways) as (keyof typeof ways)[]
const cases = banks.flatMap((bank, at) => inTurn(everyWay, at).map((way) => [bank, way] as const))

it.each(cases)('%s: %s while the login is waited for changes nothing', async (bank, way) => {
  const before = await place.refreshOnZ2(bank)
  const person = begin(place, bank)
  await person.address()
  await ways[way](person)
  if (way === 'Ctrl-C') expect(person.shown).toContain('interrupted. nothing was changed')
  expect(place.journal(bank)).toBe(null)
  expect(await place.refreshOnZ2(bank)).toBe(before)
  expect(await place.atRest(bank)).toEqual(rest)
})

// What the signal does is the same for both banks: each way is tried over the lines of one of them.
it.each([
  ['monzo', 'Ctrl-C'],
  ['truelayer', 'a closed terminal'],
] as [Bank, keyof typeof ways][])(
  '%s: %s at every line of a login: the same command carries on',
  async (bank, way) => {
    for (const line of steps[bank]) {
      const person = await upTo(place, bank, line)
      await ways[way](person)
      const next = await again(place, bank)
      const story = `${line}\n${person.shown}\n--- again\n${next.shown}`
      expect(next.came, story).not.toBe('lost')
      await finished(place, bank, story)
    }
  },
)

it.each(inTurn(banks, 1))(
  '%s: a second Ctrl-C does not cut short what puts things in order',
  async (bank) => {
    const person = begin(place, bank)
    // The bank takes its time over the code, so that the login cannot be over before anybody is at the keys.
    await place.knob(bank, { trouble: [{ how: 'slow', ms: 4000, on: 'token', times: 1 }] })
    const back = await throughTheBank(await person.address())
    const page = fetch(back).catch(() => undefined)
    await person.sees(/✓ login came back/)
    person.interrupts()
    person.interrupts()
    expect(await person.end()).toBe(130)
    await page
    expect(await place.atRest(bank)).toEqual(rest)
    const next = await again(place, bank)
    expect(next.came, next.shown).not.toBe('lost')
    await finished(place, bank, next.shown)
  },
)

describe('what the browser shows when the terminal stops', () => {
  it('says that the login was stopped', async () => {
    const person = begin(place, 'truelayer')
    const page = logsIn(await person.address())
    await person.sees(/✓ login came back/)
    person.interrupts()
    expect(['the login was stopped', 'truelayer login finished']).toContain(await page)
    await person.end()
    const next = await again(place, 'truelayer')
    await finished(place, 'truelayer', next.shown)
  })
})
