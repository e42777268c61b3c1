import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, type LoginPlace, loginPlace } from '../e2e/login-place.ts'
import { isAll, isReal } from '../run-kind.ts'
import { seeded } from '../seeded.ts'
import { callsOfLogin, firstLogin, killAndCarryOn, type Moment } from './killed-login.ts'
import { about, type Row } from './row.ts'

// kill -9 in the middle of a login, then the same command again. `npm test` takes a sample; `npm run test:faults` takes every
// call that matters, and random moments on top. Each bank has a file of its own, so that they run side by side.
vi.setConfig({ testTimeout: 5_400_000, hookTimeout: 300_000 })

const seed = Number(process.env.BULMA_SEED ?? 1)
const randomKills = isAll ? Number(process.env.BULMA_KILLS ?? 100) : 4

/** Every call; or, for the sample, each that renames or removes, since before and after it the disk says something else. */
const chosen = (calls: string[], bank: Bank): Moment[] =>
  calls.flatMap((call, index) => {
    const isStep = /rename|unlink/.test(call)
    // The two banks take turns in the sample, so that together they see all of them.
    const isTurn = index % 2 === banks.indexOf(bank)
    return isAll || (isStep && isTurn) ? [{ call: index + 1 }] : []
  })

function tests(bank: Bank): void {
  let place: LoginPlace
  let calls: string[]
  let tookMs: number
  beforeAll(async () => {
    place = await loginPlace()
    if (bank === 'monzo') await place.knob(bank, { approve: 0 })
    await firstLogin(place, bank)
    const began = Date.now()
    calls = await callsOfLogin(place, bank)
    tookMs = Date.now() - began
  })
  afterAll(() => place.end())

  async function tried(moments: Moment[]): Promise<string[]> {
    const wrong: string[] = []
    for (const moment of moments) {
      const found = await killAndCarryOn(place, bank, moment)
      const at =
        moment && 'call' in moment ? calls[moment.call - 1] : `${Math.round(moment?.afterMs ?? 0)} ms`
      if (found.length > 0) wrong.push(`${at}: ${found.join('; ')}`)
    }
    return wrong
  }

  const row = (fault: string): Row => ({
    family: 'killed',
    fault,
    sees: 'the same command again carries it on',
    exit: 'reauth 0',
    after: 'the live chain was always somewhere, the timer or the switch on; in the end all is healthy',
  })

  it('before any call that matters, is carried on by the same command, and nothing is lost', async ({
    task,
  }) => {
    const told = about(task, row('kill -9 of a login before each call on a file or a process'))
    const moments = chosen(calls, bank)
    told.cases = told.kills = moments.length
    expect(moments.length).toBeGreaterThan(3)
    expect((await tried(moments)).join('\n')).toBe('')
  })

  // Only in the whole run: each of its moments is a login of its own. What the Mac's disk keeps is the same for either Z2.
  const inWholeRun = isAll && !isReal ? it : () => undefined
  inWholeRun(
    'together with the power of the Mac, is carried on by the same command, and nothing is lost',
    async ({ task }) => {
      const told = about(
        task,
        row('power cut of the Mac between write, fsync and rename: unflushed text and names are gone'),
      )
      // Between two calls on files, and right after the last of them.
      const all = calls.flatMap((call, index) =>
        /fsync|rename|unlink|write|spawn/.test(call)
          ? (['kept', 'lost'] as const).map((power) => ({ call: index + 1, power }))
          : [],
      )
      const moments = all
      told.cases = told.kills = moments.length
      expect((await tried(moments)).join('\n')).toBe('')
    },
  )

  it('at random moments, is carried on by the same command, and nothing is lost', async ({ task }) => {
    const told = about(task, row('kill -9 of a login at random moments'))
    told.cases = told.kills = randomKills
    const next = seeded(seed)
    const moments = Array.from({ length: randomKills }, () => ({ afterMs: next() * tookMs }))
    expect((await tried(moments)).join('\n')).toBe('')
  })
}

/** The tests of one bank's logins that are killed. */
export function killsLoginsOf(bank: Bank): void {
  describe(`a ${bank} login that is killed`, () => tests(bank))
}
