import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, fingerprint, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn } from './person.ts'

// The way of the runbooks, whole: the token dies at the bank, the poller logs it, a person logs in again, and all that
// follows is seen in the world: at the bank, on Z2, in the container, on the Mac.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const owner = { world: /^0606 0$/, 'mapped-owner': /^0600 100000$/ }
const dead: Record<Bank, RegExp> = { monzo: /Bad refresh token/, truelayer: /invalid_grant/ }

describe.each(['world', 'mapped-owner'] as const)('with tokenAccess %s', (tokenAccess) => {
  let place: LoginPlace
  beforeAll(async () => {
    place = await loginPlace({ recorded: true, settings: { tokenAccess } })
  })
  afterAll(() => place.end())

  it.each(banks)(
    '%s: dead at the bank, logged, logged in again, polled, tidied up, healthy, clean',
    async (bank) => {
      const old = await place.refreshOnZ2(bank)
      await place.dies(bank)
      expect(await place.doctor(bank)).toMatchObject({
        verdict: 'refresh-dead',
        exitCode: 4,
        next: `npm run reauth -- ${bank} --stack lab`,
      })
      expect((await place.project.preview()).changed).toEqual([`ct109/last-poll/${bank}`])
      await place.knob(bank, { ...(bank === 'monzo' && { approve: 1000 }) })

      const person = place.person('reauth', bank)
      const page = logsIn(await person.address())
      // Nothing of this lab has a record yet, so a person says whose account it is.
      await person.sees(/is (Monzo, user id|NatWest, accounts) ending .* the right one\? type yes/)
      person.types('yes')
      expect(await page).toBe(`${bank} login finished`)
      expect(await person.end(), person.shown).toBe(0)
      expect(person.shown).toMatch(new RegExp(`^${bank}: refresh dead: .*`, 'm'))
      expect(person.shown).toContain('✓ poll timer stopped, no poll running')
      expect(person.shown).toContain(
        `✓ Mac copy of tokens_${bank}.json deleted. ${bank}_credentials.json stays`,
      )
      expect(person.shown).toMatch(
        /ct109 is the only writer again\. its first refresh is due (\w{3} )?\d\d:\d\d/,
      )

      const refresh = await place.refreshOnZ2(bank)
      expect(refresh).not.toBe(old)
      expect(await place.isLive(bank)).toBe(true)
      expect(await place.record(bank)).toMatchObject({ login: 1, refresh: fingerprint(refresh) })
      expect(await place.modeOf(`tokens_${bank}.json`)).toMatch(owner[tokenAccess])
      expect(await place.atRest(bank)).toEqual({ timer: true, switch: '', staged: '', lease: null })
      expect(place.macFiles(bank)).toEqual(['.reauth/.gitignore', `${bank}_credentials.json`])
      const log = await place.onZ2(`/mnt/data/hinata/data/bulma/poll-${bank}.log`)
      expect(log?.split('\n').at(-2)).toMatch(/ done$/)
      expect(log).toMatch(dead[bank])
      expect(await place.doctor(bank)).toMatchObject({ verdict: 'healthy', exitCode: 0, next: '' })
      const preview = await place.project.preview()
      expect([preview.code, preview.changed], preview.says).toEqual([0, []])

      // The chain goes on where it belongs: its first refresh is CT109's.
      await place.order({ bank, do: 'expireAccess' })
      await place.poll(bank)
      expect(await place.refreshOnZ2(bank)).not.toBe(refresh)
      expect(await place.isLive(bank)).toBe(true)
      expect((await place.doctor(bank)).verdict).toBe('healthy')
    },
  )
})
