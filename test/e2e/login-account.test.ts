import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn } from './person.ts'

// Whose login it was is known before anything of it leaves the Mac: another person's is never pushed.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace()
})
beforeEach(async () => {
  for (const bank of banks) place.forgets(bank)
  await place.knob('monzo', { approve: 500 })
})
afterAll(() => place.end())

const rest = { timer: true, switch: '', staged: '', lease: null }
const other = 'somebody.else@example.test'
const right = /is (Monzo, user id|NatWest, accounts) ending .* the right one\? type yes/
const events = async (bank: Bank, event: string): Promise<number> =>
  ((await place.order({ bank, do: 'audit' })) as { event: string }[]).filter((one) => one.event === event)
    .length

/** Nothing of the login is left, and what CT109 has is as it was. */
async function nothingPushed(bank: Bank, refresh: string): Promise<void> {
  expect(await place.refreshOnZ2(bank)).toBe(refresh)
  expect(await place.isLive(bank)).toBe(true)
  expect(await place.atRest(bank)).toEqual(rest)
  expect(place.journal(bank)).toBe(null)
  expect(place.macFiles(bank).filter((name) => !/credentials|gitignore/.test(name))).toEqual([])
}

describe('without a record of an earlier login', () => {
  it.each(banks)('%s: a person says whose it is, and after a no nothing is pushed', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    const person = place.person('reauth', bank, '--anyway', '--yes')
    const page = logsIn(await person.address(), undefined, other)
    expect(person.shown).toContain('! z2 has no record of an earlier login, so you will be asked')
    await person.answers(right, 'no')
    await person.answers(/log this one out at .* as well\? type yes/, 'no')
    expect(await page).toBe('this is another account')
    expect(await person.end(), person.shown).toBe(4)
    expect(person.shown).toMatch(/error: that was another (Monzo|TrueLayer) account/)
    expect(person.shown).toContain('its session at the bank goes on until it ends by itself')
    await nothingPushed(bank, refresh)
    expect(await place.record(bank)).toBe(null)
  })

  it.each(banks)('%s: where no terminal is, the login waits, and push finishes it', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    const person = place.seated({ terminal: false }, 'reauth', bank, '--anyway', '--yes')
    const page = await logsIn(await person.address())
    expect(await person.end(), person.shown).toBe(4)
    expect(page).toBe('your terminal stopped early')
    expect(person.shown).toMatch(/error: is (Monzo|NatWest), .* the account that ct109 polls/)
    expect(person.shown).toContain(`next:  npm run push -- ${bank} --stack lab`)
    expect(place.journal(bank)?.step).toBe('tokens-on-mac')
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    expect(await place.atRest(bank)).toEqual(rest)
    expect(await place.doctor(bank)).toMatchObject({
      verdict: 'not-pushed',
      next: `npm run push -- ${bank} --stack lab`,
    })
    // --yes answers everything but this.
    const yes = await place.run('push', bank, '--yes')
    expect([yes.code, yes.err]).toEqual([4, expect.stringContaining('this is not a terminal')])

    const push = place.person('push', bank)
    await push.answers(right, 'yes')
    expect(await push.end(), push.shown).toBe(0)
    expect(await place.isLive(bank)).toBe(true)
    expect(await place.refreshOnZ2(bank)).not.toBe(refresh)
    expect((await place.record(bank))?.account).not.toEqual([])
    expect(await place.doctor(bank)).toMatchObject({ verdict: 'healthy', exitCode: 0 })
  })
})

describe('with a record', () => {
  it.each(banks)('%s: the same account is known again, and nobody is asked', async (bank) => {
    const person = place.person('reauth', bank, '--anyway', '--yes')
    expect(await logsIn(await person.address())).toBe(`${bank} login finished`)
    expect(await person.end(), person.shown).toBe(0)
    expect(person.shown).toMatch(/✓ same (Monzo user|accounts) as before/)
    expect(person.shown).not.toMatch(right)
  })

  it.each(banks)('%s: another account is refused, logged out if wanted, and never pushed', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    const record = await place.record(bank)
    const before = await events(bank, 'logout')
    const person = place.person('reauth', bank, '--anyway', '--yes', '--force')
    const page = logsIn(await person.address(), undefined, other)
    await person.answers(/log this one out at (Monzo|TrueLayer) as well\? type yes/, 'yes')
    expect(await page).toBe('this is another account')
    expect(await person.end(), person.shown).toBe(4)
    expect(person.shown).toContain('it is logged out at the bank')
    expect(person.shown).toContain(
      bank === 'monzo' ? 'nothing can bring the chain on ct109 back' : 'the chain on ct109 is as it was',
    )
    expect(await events(bank, 'logout')).toBe(before + 1)
    await nothingPushed(bank, refresh)
    expect(await place.record(bank)).toEqual(record)
  })

  it.each(banks)('%s: another account without a terminal is refused too', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    const person = place.seated({ terminal: false }, 'reauth', bank, '--anyway', '--yes')
    expect(await logsIn(await person.address(), undefined, other)).toBe('this is another account')
    expect(await person.end(), person.shown).toBe(4)
    await nothingPushed(bank, refresh)
  })
})
