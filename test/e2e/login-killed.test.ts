import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { isAll } from '../run-kind.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'
import { again, begin, finished, steps, upTo } from './login-steps.ts'
import { logsIn } from './person.ts'
import { inTurn } from './turn.ts'

// kill -9 at every step that a person can see, then the same command again: it carries on, and at the end CT109 polls with a
// chain that lives, or the one window that cannot be closed was hit, and that is said. Z2 starts the timer by itself.

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

/** From this line on there is something on Z2 to carry on. */
const onZ2 = /✓ on z2: /.source

/** The lines after which it is killed. Those of both banks take turns, but where the whole matrix is run. */
function killedAfter(bank: Bank): RegExp[] {
  const isOfBoth = ({ source }: RegExp): boolean =>
    banks.every((one) => steps[one].some((line) => line.source === source))
  const turn = banks.indexOf(bank)
  return steps[bank].filter((line, at) => isAll || line.source === onZ2 || at % 2 === turn || !isOfBoth(line))
}

describe.each(banks)('%s', (bank) => {
  it('killed while the login is waited for: nothing changes, and its lease is taken over at once', async () => {
    const before = await place.refreshOnZ2(bank)
    const person = begin(place, bank)
    await person.address()
    await person.kills()
    expect(place.journal(bank)).toBe(null)
    expect(await place.timerIsActive(bank)).toBe(true)
    expect(await place.refreshOnZ2(bank)).toBe(before)
    const next = begin(place, bank)
    expect(await logsIn(await next.address())).toBe(`${bank} login finished`)
    expect(await next.end(), next.shown).toBe(0)
    await finished(place, bank, next.shown)
  })

  it('killed at every line of a login: the same command carries on', async () => {
    const came: Record<string, string> = {}
    for (const line of killedAfter(bank)) {
      const person = await upTo(place, bank, line)
      await person.kills()
      const next = await again(place, bank)
      came[line.source] = next.came
      if (next.came === 'lost') await place.logsIn(bank)
      await finished(place, bank, `${person.shown}\n--- again\n${next.shown}`)
    }
    // Only between the stop and the tokens on the disk can a login be lost.
    const lost = Object.entries(came).filter(([, how]) => how === 'lost')
    expect(lost.filter(([line]) => !/poll timer stopped/.test(line))).toEqual([])
    expect(came[onZ2]).toBe('carried on')
  })
})

describe('the switch of Z2', () => {
  it.each(inTurn(banks))(
    '%s: starts the timer when we vanish, and the login still carries on',
    async (bank) => {
      place.setLimits({ switchSeconds: 6, leaseSeconds: 6 })
      const record = await place.record(bank)
      await place.project.ssh(`rm .lab/z2/var/lib/bulma-infra/${bank}.json`)
      const person = begin(place, bank)
      void logsIn(await person.address()).catch(() => undefined)
      await person.sees(/the right one\? type yes/)
      expect(await place.timerIsActive(bank)).toBe(false)
      expect((await place.atRest(bank)).switch).toContain(`bulma-reauth-${bank}.timer`)
      await person.kills()
      await expect.poll(() => place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)
      await expect.poll(async () => (await place.atRest(bank)).switch, { timeout: 30_000 }).toBe('')
      await place.writeZ2(`/var/lib/bulma-infra/${bank}.json`, `${JSON.stringify(record)}\n`)
      const next = await again(place, bank)
      expect(next.came, next.shown).toBe('carried on')
      await finished(place, bank, next.shown)
      place.setLimits({ switchSeconds: 20, leaseSeconds: 30 })
    },
  )

  it.each(inTurn(banks, 1))(
    '%s: fires while we still push: everything is looked at again, nothing is lost',
    async (bank) => {
      place.setLimits({ switchSeconds: 6, leaseSeconds: 120 })
      await place.project.ssh(`rm .lab/z2/var/lib/bulma-infra/${bank}.json`)
      const person = begin(place, bank)
      void logsIn(await person.address()).catch(() => undefined)
      await person.sees(/the right one\? type yes/)
      // The lid is closed for a while: nobody winds up the switch.
      person.signals('SIGSTOP')
      await expect.poll(() => place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)
      await place.poll(bank)
      person.signals('SIGCONT')
      person.types('yes')
      expect(await person.end(), person.shown).toBe(0)
      await finished(place, bank, person.shown)
      place.setLimits({ switchSeconds: 20, leaseSeconds: 30 })
    },
  )
})
