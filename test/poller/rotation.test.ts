import { type ChildProcess, execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint } from '../../lab/bank/token.ts'
import type { Bank } from '../../lab/world.ts'
import { type PollPlace, pollers, pollPlace } from './poll-place.ts'

describe.each(pollers)('the %s poller', (poller) => {
  let place: PollPlace
  beforeEach(async () => {
    place = await pollPlace('rotation', poller)
    // Access tokens that are never fresh: every poll rotates.
    place.banks.monzo.knob({ accessTtlMs: 59_000 })
    place.banks.truelayer.knob({ accessTtlMs: 59_000 })
    place.age('monzo')
    place.age('truelayer')
  })
  afterEach(() => place.close())

  const replies = (): string[] => readdirSync(place.data).filter((name) => name.includes('.reply-'))
  const rotations = (bank: Bank): number =>
    place.banks[bank].audit().filter(({ event }) => event === 'refresh').length
  const signal = (child: ChildProcess, name: NodeJS.Signals): boolean => process.kill(-(child.pid ?? 0), name)

  describe('many rotations', () => {
    it('fifty in a row lose nothing', async () => {
      // These polls end at the accounts: the other requests have no part in this.
      place.banks.truelayer.knob({ trouble: [{ how: 'provider_error', on: 'data' }] })
      place.write('monzo', { ...place.banks.monzo.login(), expires_at: 1 })
      const polls = async (bank: Bank, times: number, good: number): Promise<void> => {
        for (let poll = 1; poll <= times; poll++) {
          const { code, lines } = await place.poll(bank)
          expect([code, lines.slice(0, 2)]).toEqual([good, ['tokens loaded', 'refresh ok']])
          expect(place.read(bank).refresh_token).toBe(place.banks[bank].liveRefresh())
        }
        expect(rotations(bank)).toBe(times)
      }
      await Promise.all([polls('monzo', 50, 0), polls('truelayer', 10, 1)])
    })

    it.each([
      ['world', 0o646],
      ['mapped-owner', 0o600],
    ])('the mode of the policy %s stays, in a new file', async (_policy, mode) => {
      place.write('monzo', { ...place.banks.monzo.login(), expires_at: 1 })
      chmodSync(place.path('monzo'), mode)
      place.own(place.path('monzo'))
      const first = statSync(place.path('monzo'))
      await place.poll('monzo')
      expect(statSync(place.path('monzo')).ino).not.toBe(first.ino)
      for (let poll = 0; poll < 2; poll++) await place.poll('monzo')
      const last = statSync(place.path('monzo'))
      expect(last.mode & 0o777).toBe(mode)
      expect([last.uid, last.nlink]).toEqual([process.getuid?.(), 1])
    })
  })

  describe('a rotation that is disturbed', () => {
    it('waits for its rename when systemd stops the service', async () => {
      place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 400, on: 'token' }] })
      const child = place.begin('monzo')
      const ended = place.end(child)
      while (rotations('monzo') === 0) await wait(5)
      signal(child, 'SIGTERM')
      expect(await ended).toEqual({ code: null, signal: 'SIGTERM' })
      expect(place.log('monzo')).toMatch(/ stopped\n$/)
      expect(place.read('monzo').refresh_token).toBe(place.banks.monzo.liveRefresh())
    })

    it('is not waited for between requests: a poll that is stopped there ends at once, and says so', async () => {
      place.write('monzo', place.banks.monzo.login({ approved: true }))
      place.write('monzo', { ...place.read('monzo'), expires_at: 4_000_000_000 })
      place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 3000, on: 'data' }] })
      const child = place.begin('monzo')
      const ended = place.end(child)
      while (!place.banks.monzo.audit().some(({ event }) => event === 'trouble')) await wait(5)
      const began = performance.now()
      signal(child, 'SIGTERM')
      expect(await ended).toEqual({ code: null, signal: 'SIGTERM' })
      expect(performance.now() - began).toBeLessThan(1000)
      expect(place.log('monzo')).toMatch(/ stopped\n$/)
    })

    it('takes up the reply that a killed poll had on disk, and keeps its time', async () => {
      const before = place.read('monzo')
      const reply = { ...place.banks.monzo.login({ approved: true }), expires_in: 21_600 }
      const name = `.tokens_monzo.json.reply-${fingerprint(before.refresh_token)}`
      writeFileSync(join(place.data, name), JSON.stringify(reply), { mode: 0o600 })
      const { lines } = await place.poll('monzo')
      expect(lines.slice(0, 2)).toEqual([
        'refresh ok, taken up where a poll was interrupted',
        'tokens loaded',
      ])
      expect(place.read('monzo').refresh_token).toBe(reply.refresh_token)
      expect(rotations('monzo')).toBe(0)
      expect(replies()).toEqual([])
    })

    it('never takes up a reply from before a new login, nor one that is cut off', async () => {
      const old = place.read('monzo')
      const fresh = place.banks.monzo.login({ approved: true })
      place.write('monzo', fresh)
      const stale = `.tokens_monzo.json.reply-${fingerprint(old.refresh_token)}`
      const cut = `.tokens_monzo.json.reply-${fingerprint(fresh.refresh_token)}`
      writeFileSync(join(place.data, stale), JSON.stringify(old))
      writeFileSync(join(place.data, cut), JSON.stringify(old).slice(0, 80))
      await place.poll('monzo')
      expect(place.read('monzo').refresh_token).toBe(place.banks.monzo.liveRefresh())
      expect(replies()).toEqual([])
    })

    it.each([
      ['the bank gives new ones', undefined],
      ['the bank refuses the old ones', 'bad'],
    ] as const)(
      'never puts its tokens over those of a login that came meanwhile: %s',
      async (_name, kill) => {
        place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 300, on: 'token', times: 1 }] })
        if (kill) place.banks.monzo.killRefresh(kill)
        const ended = place.poll('monzo')
        while (!place.banks.monzo.audit().some(({ event }) => event === 'trouble')) await wait(5)
        place.banks.monzo.knob({ accessTtlMs: 21_600_000 })
        const pushed = place.banks.monzo.login({ approved: true })
        place.write('monzo', pushed)
        const { code, lines } = await ended
        expect([code, lines[1]]).toEqual([0, 'other tokens came meanwhile: starting with those'])
        expect(place.read('monzo')).toEqual(pushed)
        expect(place.banks.monzo.isLive(pushed.refresh_token)).toBe(true)
      },
    )

    it('two at once: the second leaves at once', async () => {
      place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 300, on: 'token', times: 1 }] })
      const [one, two] = await Promise.all([place.poll('monzo'), wait(150).then(() => place.poll('monzo'))])
      expect(two).toEqual({
        code: 0,
        signal: null,
        lines: expect.arrayContaining(['another poll is running']),
      })
      expect(one.code).toBe(0)
      expect(rotations('monzo')).toBe(1)
    })

    it('asks for nothing when the disk is full', async () => {
      // a limit on the size of files is the full disk of those without root
      const script = `ulimit -f 8; exec ${place.words('monzo').join(' ')}`
      const environment = { ...place.environment, BULMA_MONZO_API: 'http://127.0.0.1:9' }
      expect(() => execFileSync('sh', ['-c', script], { env: environment })).toThrow()
      expect(place.log('monzo')).toContain(`cannot write in ${place.shown}: nothing was refreshed`)
      expect(replies()).toEqual([])
      expect(readFileSync(place.path('monzo'), 'utf8')).toContain(place.banks.monzo.liveRefresh())
    })
  })
})
