import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn, type Person, throughTheBank } from './person.ts'

// Interrupted at every step that a person can see, then the same command again: it carries on, and at the end CT109 polls with
// a chain that lives, or the one window that cannot be closed was hit, and that is said.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

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

const rest = { timer: true, switch: '', staged: '', lease: null }
const begin = (bank: Bank): Person => place.person('reauth', bank, '--anyway', '--yes')

/** All is as after a login that nobody interrupted; the timer, where it was stopped before anything was noted, by the switch. */
async function finished(bank: Bank): Promise<void> {
  expect(await place.isLive(bank)).toBe(true)
  await expect.poll(() => place.atRest(bank), { timeout: 60_000, interval: 500 }).toEqual(rest)
  expect(place.macFiles(bank).filter((name) => name !== '.reauth/.gitignore')).toEqual([
    `${bank}_credentials.json`,
  ])
  expect(await place.doctor(bank)).toMatchObject({ verdict: 'healthy', exitCode: 0 })
}

/** The lines of a login, in their order; null where the journal begins only after it. */
const steps: Record<Bank, RegExp[]> = {
  monzo: [
    /✓ login came back/,
    /✓ poll timer stopped/,
    /✓ tokens on this Mac/,
    /✓ same Monzo user/,
    /✓ on z2: /,
    /✓ poll timer started/,
    /approve in the Monzo app/,
    /✓ approved/,
    /✓ poll on ct109/,
    /✓ Mac copy/,
  ],
  truelayer: [
    /✓ login came back/,
    /✓ poll timer stopped/,
    /✓ tokens on this Mac/,
    /✓ same accounts/,
    /✓ on z2: /,
    /✓ poll timer started/,
    /✓ poll on ct109/,
    /✓ Mac copy/,
  ],
}

/** The same command until it has nothing left to carry on. @returns whether a login was lost, which must have been said */
async function again(bank: Bank): Promise<'finished' | 'lost' | 'nothing was begun'> {
  const tap = setInterval(() => void place.order({ bank: 'monzo', do: 'approve' }), 300)
  return carriesOn(bank).finally(() => clearInterval(tap))
}

async function carriesOn(bank: Bank): Promise<'finished' | 'lost' | 'nothing was begun'> {
  const person = begin(bank)
  const met = await person.sees(/carrying on from|response_type=code\S*\s|error: /)
  if (/response_type/.test(met[0])) {
    // It was never exchanged, so there is nothing to carry on and another login begins.
    person.interrupts()
    await person.end()
    return 'nothing was begun'
  }
  const ended = await Promise.race([person.end(), askedAnew(person)])
  if (ended === 'asked anew') return 'nothing was begun'
  if (ended === 0) return 'finished'
  expect(person.shown).toContain('the login was lost, log in again')
  expect(ended).toBe(4)
  return 'lost'
}

async function askedAnew(person: Person): Promise<'asked anew'> {
  await person.sees(/response_type=code\S*\s/, 1000).catch(() => new Promise<never>(() => undefined))
  person.interrupts()
  await person.end()
  return 'asked anew'
}

const ways = {
  'kill -9': (person: Person) => person.kills(),
  'Ctrl-C': async (person: Person) => {
    person.interrupts()
    await person.end()
  },
  'a closed terminal': (person: Person) => person.closes(),
} as const

describe.each(banks)('%s', (bank) => {
  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    '%s while the login is waited for changes nothing',
    async (way) => {
      const before = await place.refreshOnZ2(bank)
      const person = begin(bank)
      await person.address()
      await ways[way](person)
      expect(place.journal(bank)).toBe(null)
      expect(await place.timerIsActive(bank)).toBe(true)
      expect(await place.refreshOnZ2(bank)).toBe(before)
      if (way === 'Ctrl-C') {
        expect(await person.end()).toBe(130)
        expect(person.shown).toContain('interrupted. nothing was changed')
      }
      if (way !== 'kill -9') expect(await place.atRest(bank)).toEqual(rest)
      // What a killed one holds is taken over at once: its process is known to be gone.
      const next = begin(bank)
      expect(await logsIn(await next.address())).toBe(`${bank} login finished`)
      expect(await next.end(), next.shown).toBe(0)
      await finished(bank)
    },
  )

  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    '%s at every line of a login: the same command carries on',
    async (way) => {
      const came: Record<string, string> = {}
      for (const line of steps[bank]) {
        await place.knob('monzo', { approve: 'manual' })
        const person = begin(bank)
        const page = logsIn(await person.address()).catch(() => 'the browser lost us')
        if (/^✓ (approved|poll on|Mac copy)/.test(line.source) && bank === 'monzo') {
          await person.sees(/approve in the Monzo app/)
          await place.order({ bank, do: 'approve' })
        }
        await person.sees(line)
        await ways[way](person)
        await page
        const code = await person.end().catch(() => null)
        came[line.source] = place.journal(bank) === null && code === 0 ? 'it was over' : await again(bank)
        if (came[line.source] === 'lost') await place.logsIn(bank)
        await finished(bank)
      }
      // Only between the stop and the tokens on the disk may a login be lost, and never by anything that can be caught.
      const lost = Object.entries(came).filter(([, how]) => how === 'lost')
      expect(lost.filter(([line]) => !/poll timer stopped/.test(line))).toEqual([])
      if (way !== 'kill -9') expect(lost).toEqual([])
    },
  )
})

describe('the switch of Z2', () => {
  it.each(banks)('%s: starts the timer when we vanish, and the login still carries on', async (bank) => {
    place.setLimits({ switchSeconds: 6, leaseSeconds: 6 })
    const record = await place.record(bank)
    await place.project.ssh(`rm .lab/z2/var/lib/bulma-infra/${bank}.json`)
    const person = begin(bank)
    void logsIn(await person.address()).catch(() => undefined)
    await person.sees(/the right one\? type yes/)
    expect(await place.timerIsActive(bank)).toBe(false)
    expect((await place.atRest(bank)).switch).toContain(`bulma-reauth-${bank}.timer`)
    await person.kills()
    await expect.poll(() => place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)
    await expect.poll(async () => (await place.atRest(bank)).switch, { timeout: 30_000 }).toBe('')
    await place.writeZ2(`/var/lib/bulma-infra/${bank}.json`, `${JSON.stringify(record)}\n`)
    expect(await again(bank)).toBe('finished')
    await finished(bank)
    place.setLimits({ switchSeconds: 20, leaseSeconds: 30 })
  })

  it.each(banks)(
    '%s: fires while we still push: everything is looked at again, nothing is lost',
    async (bank) => {
      place.setLimits({ switchSeconds: 6, leaseSeconds: 120 })
      await place.project.ssh(`rm .lab/z2/var/lib/bulma-infra/${bank}.json`)
      const person = begin(bank)
      void logsIn(await person.address()).catch(() => undefined)
      await person.sees(/the right one\? type yes/)
      // The lid is closed for a while: nobody winds up the switch.
      person.signals('SIGSTOP')
      await expect.poll(() => place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)
      await place.poll(bank)
      person.signals('SIGCONT')
      person.types('yes')
      expect(await person.end(), person.shown).toBe(0)
      await finished(bank)
      place.setLimits({ switchSeconds: 20, leaseSeconds: 30 })
    },
  )
})

describe('a second Ctrl-C', () => {
  it.each(banks)('%s: does not cut short what puts things in order', async (bank) => {
    const person = begin(bank)
    const back = await throughTheBank(await person.address())
    const page = fetch(back).catch(() => undefined)
    await person.sees(/✓ login came back/)
    person.interrupts()
    person.interrupts()
    expect(await person.end()).toBe(130)
    await page
    expect(await place.atRest(bank)).toEqual(rest)
    if (place.journal(bank) !== null) await again(bank)
    await finished(bank)
  })
})
