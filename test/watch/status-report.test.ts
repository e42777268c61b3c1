import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { unreachable } from '../../lib/diagnosis.ts'
import type { Entry } from '../../lib/watch/entry.ts'
import { banks, lookEntry } from '../../lib/watch/look-entry.ts'
import { blindStatus, statusOf } from '../../lib/watch/status.ts'
import { renderStatus } from '../../lib/watch/status-report.ts'
import { healthy, loginRecord, nowMs } from '../healthy.ts'
import { looked, unseen } from './past.ts'
import {
  type Change,
  deadMonzo,
  loginAtMonzo,
  observed,
  oldLogin,
  pendingMonzo,
  stoppedContainer,
  stoppedTimer,
} from './watched-world.ts'

const screen = (changes: Change[], history: Entry[] = [], stack = 'z2'): string =>
  renderStatus(statusOf(observed(changes, undefined, stack), history, 60), false)

const ago = (minutes: number): string => new Date(nowMs - minutes * 60_000).toISOString()

describe('the screen', () => {
  it('of a healthy world: banks, consent, nothing to do', () => {
    expect(screen([])).toBe(`
hinata-z2 · ct109 bulma-finance · 21 hold · looked 04:07, 0.3 s

  monzo      healthy            last good poll 04:00 · next 04:15
  truelayer  healthy            last good poll 04:00 · next 04:15
                                consent to 10 Jan, 49 days · log in from 5 Jan

  nothing to do

  nothing looks by itself yet: npm run schedule -- install
`)
  })

  it('of a dead token and a stopped timer: what was seen, and what to do in which order', () => {
    expect(screen([deadMonzo, stoppedTimer('truelayer')], [looked(ago(30))])).toBe(`
hinata-z2 · ct109 bulma-finance · looked 04:07, 0.3 s
19 hold · 1 differs · 1 needs you

  monzo      refresh dead       last good poll 02:00 · next 04:15
                                HTTP 401, Bad refresh token, 7 minutes ago
  truelayer  timer stopped      last good poll 04:00 · no next poll
                                enabled, inactive
                                don't log in again: it would throw a good token
                                away
                                consent to 10 Jan, 49 days · log in from 5 Jan

  next  npm run up                            mends it
        npm run reauth -- monzo               monzo: refresh dead

  the schedule looked at 03:37
`)
  })

  it('of a stopped container: one cause, said once', () => {
    expect(screen([stoppedContainer], [], 'lab')).toBe(`
hinata-z2 · ct109 bulma-finance · 10 hold · 1 differs · looked 04:07, 0.3 s

  monzo      container down     last good poll 04:00 · no next poll
  truelayer  container down     last good poll 04:00 · no next poll
                                consent to 10 Jan, 49 days · log in from 5 Jan

  ✗ ct109  container 109: stopped, starts on boot (10 more hang on it)

  next  npm run up -- --stack lab             mends it

  nothing looks by itself yet: npm run schedule -- install --stack lab
`)
  })

  it('of an approval and a consent that ends: acts of a person in whole sentences', () => {
    expect(screen([pendingMonzo, oldLogin(87)])).toContain(`
  monzo      approval pending   last good poll 02:00 · next 04:15
                                HTTP 403 on /accounts after a clean token load,
                                7 minutes ago
                                don't log in again: it would throw this token
                                away
  truelayer  consent ending     last good poll 04:00 · next 04:15
                                consent to 25 Nov, 3 days · log in now

  next  open the Monzo app: the prompt sits in the feed. the poll at 04:15 will
        succeed
        npm run reauth -- truelayer           truelayer: consent ending
`)
  })

  it('of a login that is under way: who it is, and nothing to do but to wait', () => {
    const text = screen([loginAtMonzo, stoppedTimer('monzo')])
    expect(text).toContain('  monzo      reauth running     last good poll 04:00 · no next poll\n')
    expect(text).toContain("don't log in as well: one login ends the other\n")
    expect(text).toMatch(/ {2}next {2}wait until it has ended, then npm run doctor -- monzo/)
  })

  it.each<[string, number, RegExp]>([
    ['is over', 91, /consent ended 21 Nov · log in now/],
    ['ends today', 90, /consent to 22 Nov, 0 days · log in now/],
    ['is a day before its renewal', 84, /consent to 28 Nov, 6 days · log in from 23 Nov/],
  ])('of a consent that %s', (_, days, text) => expect(screen([oldLogin(days)])).toMatch(text))

  it('goes by the end that a bank has named, and says years where they are not clear', () => {
    const named: Change = ({ host }) => {
      const record = { ...loginRecord, consentEnd: nowMs / 1000 + 400 * 86_400 }
      host.logins.monzo.record = { state: 'here', value: record }
    }
    expect(screen([named])).toMatch(/ consent to 27 Dec 2027, 400 days\n {32}log in from 22 Dec 2027\n/)
  })

  it('has a login renewed by whichever comes first, its age or the end that the bank has named', () => {
    const named =
      (days: number): Change =>
      ({ host }) => {
        const times = { loggedInAt: nowMs / 1000 - 40.8 * 86_400, consentEnd: nowMs / 1000 + days * 86_400 }
        host.logins.truelayer.record = { state: 'here', value: { ...loginRecord, ...times } }
      }
    expect(screen([named(60)])).toContain('consent to 21 Jan, 60 days · log in from 5 Jan\n')
    expect(screen([named(30)])).toContain('consent to 22 Dec, 30 days · log in from 17 Dec\n')
  })

  it('of a Z2 that cannot be looked at: why, and what earlier looks saw', () => {
    const { seen } = healthy()
    const lines = {
      what: 'cannot look at hinata-z2',
      why: 'Connection refused',
      next: 'ssh hinata-z2 true',
      left: '',
    }
    const head = {
      stack: 'z2',
      host: 'hinata-z2',
      container: 'ct109 bulma-finance',
      lookedAt: ago(0),
      tookMs: 5100,
    }
    const dead = lookEntry(observed([deadMonzo], ago(60)), 'status')
    // A log that was cut in between reaches back to no good poll.
    const cut = { ...dead, at: ago(50), banks: dead.banks.map((one) => ({ ...one, lastGood: null })) }
    const history = [looked(ago(600)), dead, cut, unseen(ago(30))]
    const diagnoses = banks.map((bank) => unreachable(bank, lines, seen.mac[bank], nowMs))
    const status = blindStatus(head, lines, diagnoses, history, 60)
    expect([status.exitCode, status.drift]).toEqual([3, null])
    expect(renderStatus(status, false)).toBe(`
hinata-z2 · cannot look at hinata-z2 · looked 04:07, 5.1 s
  Connection refused

  monzo      unreachable        last good poll 02:00
                                refresh dead at 03:17
  truelayer  unreachable        last good poll 04:00
                                healthy at 03:17

  next  ssh hinata-z2 true

  the schedule looked at 03:37
`)
  })

  it('takes a screen of 24 lines and 80 columns when all is wrong at once, and the rest is counted', () => {
    const everything: Change = ({ host, mac }) => {
      for (const file of host.files.values()) Object.assign(file, { mode: 0o600, state: 'absent' })
      for (const bank of banks) {
        mac[bank].credentials = { state: 'absent' }
        mac[bank].token = { state: 'file', mode: 0o644, json: true }
      }
      host.units = { why: `systemctl failed ${'very '.repeat(30)}badly` }
    }
    const text = screen([everything])
    const lines = text.split('\n')
    expect(lines.filter((line) => line.length > 80 && !/npm run|ssh |scp /.test(line))).toEqual([])
    expect(lines.length).toBeLessThanOrEqual(25)
    expect(text.match(/^ +\d more: npm run drift$/gm)).toEqual([
      '    5 more: npm run drift',
      '        2 more: npm run drift',
    ])
  })

  it('means the same in colour', () => {
    const status = statusOf(observed([deadMonzo, stoppedTimer('truelayer')]), [], 60)
    const coloured = renderStatus(status, true)
    expect(coloured).not.toBe(renderStatus(status, false))
    expect(stripVTControlCharacters(coloured)).toBe(renderStatus(status, false))
  })
})

describe('the schedule, as the screen knows it', () => {
  const last = (history: Entry[]): string => screen([], history).trimEnd().split('\n').at(-1)?.trim() ?? ''

  it.each<[string, Entry[], string]>([
    ['looked within three hours', [looked(ago(179))], 'the schedule looked at 01:08'],
    ['looked, and saw nothing', [looked(ago(179)), unseen(ago(20))], 'the schedule looked at 03:47'],
    ['is silent', [looked(ago(190))], 'the schedule has not looked since 00:57: npm run schedule -- show'],
    ['looks every four hours', [looked(ago(620)), looked(ago(380))], 'the schedule looked at Sat 21:47'],
    [
      'never looked: what a person looks at is not its doing',
      [looked(ago(20), { by: 'status' }), unseen(ago(10), 'status')],
      'nothing looks by itself yet: npm run schedule -- install',
    ],
  ])('%s', (_, history, says) => expect(last(history)).toBe(says))
})
