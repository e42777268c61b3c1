import { describe, expect, it } from 'vitest'
import type { Entry } from '../../lib/watch/entry.ts'
import { lookEntry } from '../../lib/watch/look-entry.ts'
import { answered } from '../healthy.ts'
import {
  brokenLease,
  type Change,
  deadMonzo,
  deadTruelayer,
  loginAtMonzo,
  observed,
  oldLogin,
  pendingMonzo,
  Schedule,
  type Sighting,
  says,
  silentContainer,
  stoppedContainer,
  stoppedTimer,
} from './watched-world.ts'

type Step = [at: string, sees: Sighting, told: string]

/** What is told of these looks, one after the other, of one day. */
const run = (steps: Step[]): Step[] => {
  const schedule = new Schedule()
  return steps.map(([at, sees]) => [at, sees, schedule.look(at, sees)])
}

const cases: [string, Step[]][] = [
  [
    'nothing while all is well',
    [
      ['04:07', [], ''],
      ['05:07', [], ''],
      ['06:07', 'blind', ''],
    ],
  ],
  [
    'a dead token once, then that it is well, once',
    [
      ['04:07', [], ''],
      ['05:07', [deadMonzo], 'monzo: refresh dead'],
      ['06:07', [deadMonzo], ''],
      ['07:07', [deadMonzo], ''],
      ['08:07', [], 'all as wanted again'],
      ['09:07', [], ''],
    ],
  ],
  [
    'what the first look of all finds',
    [
      ['04:07', [deadTruelayer], 'truelayer: refresh dead'],
      ['05:07', [deadTruelayer], ''],
    ],
  ],
  [
    'a stopped container, and none of what hangs on it',
    [
      ['04:07', [], ''],
      ['05:07', [stoppedContainer], 'ct109 container 109: stopped, starts on boot'],
      ['06:07', [], 'all as wanted again'],
    ],
  ],
  [
    'no end of a trouble that a stopped container only hides',
    [
      ['04:07', [deadMonzo], 'monzo: refresh dead'],
      ['05:07', [stoppedContainer, deadMonzo], 'ct109 container 109: stopped, starts on boot'],
      ['06:07', [stoppedContainer, deadMonzo], ''],
      ['07:07', [deadMonzo], 'over: ct109 container 109'],
      ['08:07', [], 'all as wanted again'],
    ],
  ],
  [
    'the next thing that a person must do, when one has led to another',
    [
      ['04:07', [deadMonzo], 'monzo: refresh dead'],
      ['05:07', [pendingMonzo], 'monzo: approval pending'],
      ['06:07', [], 'all as wanted again'],
    ],
  ],
  [
    'the second bank beside the first, and each when it is over',
    [
      ['04:07', [deadMonzo], 'monzo: refresh dead'],
      ['05:07', [deadMonzo, stoppedTimer('truelayer')], 'truelayer: timer stopped'],
      ['06:07', [stoppedTimer('truelayer')], 'over: monzo: refresh dead'],
      ['07:07', [], 'all as wanted again'],
    ],
  ],
  [
    'a Z2 that cannot be looked at after the third look in a row, once, and that it can be again',
    [
      ['04:07', 'blind', ''],
      ['05:07', 'blind', ''],
      ['06:07', 'blind', 'cannot look at hinata-z2'],
      ['07:07', 'blind', ''],
      ['08:07', [], 'all as wanted again'],
      ['08:37', 'blind', ''],
    ],
  ],
  [
    'nothing of a Z2 that cannot be looked at now and then',
    [
      ['04:07', 'blind', ''],
      ['05:07', 'blind', ''],
      ['06:07', [], ''],
      ['07:07', 'blind', ''],
      ['08:07', 'blind', ''],
    ],
  ],
  [
    'no end of a trouble while nobody can look',
    [
      ['04:07', [deadMonzo], 'monzo: refresh dead'],
      ['05:07', 'blind', ''],
      ['06:07', 'blind', ''],
      ['07:07', 'blind', 'cannot look at hinata-z2'],
      ['08:07', [deadMonzo], 'over: cannot look at hinata-z2'],
      ['08:37', [], 'all as wanted again'],
    ],
  ],
  [
    'a container that does not answer after the third look in a row',
    [
      ['04:07', [silentContainer], ''],
      ['05:07', [silentContainer], ''],
      ['06:07', [silentContainer], 'ct109 container 109: pct exec did not answer in time'],
      ['07:07', [silentContainer], ''],
      ['08:07', [], 'all as wanted again'],
    ],
  ],
  [
    'nothing of what a login does, and what it leaves when it is over',
    [
      ['04:07', [deadMonzo], 'monzo: refresh dead'],
      ['05:07', [loginAtMonzo, stoppedTimer('monzo')], ''],
      ['06:07', [loginAtMonzo, deadTruelayer], 'truelayer: refresh dead'],
      ['07:07', [stoppedTimer('monzo'), deadTruelayer], 'monzo: timer stopped'],
    ],
  ],
  [
    'a lease that cannot be read, since no login ends it',
    [
      ['04:07', [brokenLease], 'monzo: reauth running'],
      ['05:07', [brokenLease], ''],
    ],
  ],
  [
    'nothing of a bank’s trouble that passes by itself',
    [
      ['04:07', [says('monzo', 'trouble')], ''],
      ['05:07', [], ''],
    ],
  ],
  [
    'a consent that ends soon',
    [
      ['04:07', [oldLogin(86)], 'truelayer: consent ending'],
      ['05:07', [oldLogin(86)], ''],
    ],
  ],
]

describe('what is told of one look after the other', () => {
  it.each(cases)('%s', (_, steps) => expect(run(steps)).toEqual(steps))
})

describe('the daily reminder', () => {
  it('comes at its time each day while a person is needed, and no more when it is over', () => {
    const schedule = new Schedule()
    const days = [0, 1, 2].map((day) =>
      ['01:07', '08:07', '09:07', '10:07', '23:07'].map((at) => schedule.look(at, [deadMonzo], [], day)),
    )
    expect(days).toEqual([
      ['monzo: refresh dead', '', 'still monzo: refresh dead', '', ''],
      ['', '', 'still monzo: refresh dead', '', ''],
      ['', '', 'still monzo: refresh dead', '', ''],
    ])
    expect([schedule.look('08:07', [], [], 3), schedule.look('09:07', [], [], 3)]).toEqual([
      'all as wanted again',
      '',
    ])
  })

  it('does not come to somebody who was told less than six hours before', () => {
    const schedule = new Schedule()
    expect(['08:07', '09:07', '13:07', '14:08'].map((at) => schedule.look(at, [deadMonzo]))).toEqual([
      'monzo: refresh dead',
      '',
      '',
      'still monzo: refresh dead',
    ])
  })

  it('comes as soon as a machine that slept through its time looks again', () => {
    const schedule = new Schedule()
    schedule.look('04:07', [stoppedTimer('monzo')])
    expect(schedule.look('17:30', [stoppedTimer('monzo')], [], 4)).toBe('still monzo: timer stopped')
  })

  it('does not come for what could not be looked at', () => {
    const silent = new Schedule()
    const container = ['00:07', '01:07', '02:07', '09:07'].map((at) => silent.look(at, [silentContainer]))
    expect(container.filter(Boolean)).toHaveLength(1)
    const schedule = new Schedule()
    const looks = ['00:07', '01:07', '02:07', '09:07', '10:07'].map((at) => schedule.look(at, 'blind'))
    expect(looks).toEqual(['', '', 'cannot look at hinata-z2', '', ''])
  })
})

describe('what could not be delivered', () => {
  it('is told by the next look, when no way took it', () => {
    const schedule = new Schedule()
    const all = ['ntfy', 'desktop']
    expect(schedule.look('04:07', [deadMonzo], all)).toBe('monzo: refresh dead')
    expect(schedule.look('05:07', [deadMonzo], all)).toBe('monzo: refresh dead')
    expect(schedule.look('06:07', [deadMonzo])).toBe('monzo: refresh dead')
    expect(schedule.look('07:07', [deadMonzo])).toBe('')
    expect(schedule.look('07:37', [], all)).toBe('all as wanted again')
    expect(schedule.look('08:07', [])).toBe('all as wanted again')
    expect(schedule.look('08:37', [])).toBe('')
  })

  it('is told again by the way alone that did not take it', () => {
    const schedule = new Schedule()
    expect(schedule.look('04:07', [deadMonzo], ['ntfy'])).toBe('monzo: refresh dead')
    expect(schedule.look('05:07', [deadMonzo], ['ntfy'])).toBe('monzo: refresh dead (ntfy)')
    expect(schedule.look('06:07', [deadMonzo])).toBe('monzo: refresh dead (ntfy)')
    expect(schedule.look('07:07', [deadMonzo])).toBe('')
    expect(schedule.look('07:37', [], ['desktop'])).toBe('all as wanted again')
    expect(schedule.look('08:07', [])).toBe('all as wanted again (desktop)')
    expect(schedule.look('08:37', [])).toBe('')
  })

  it('is left alone when a way has taken nothing for a day', () => {
    const schedule = new Schedule()
    schedule.look('04:07', [deadMonzo])
    schedule.look('05:07', [], ['ntfy'])
    expect(schedule.look('05:06', [], ['ntfy'], 1)).toBe('all as wanted again (ntfy)')
    expect(schedule.look('05:07', [], [], 1)).toBe('')
  })

  it('gives way to what is new', () => {
    const schedule = new Schedule()
    schedule.look('04:07', [deadMonzo], ['ntfy'])
    expect(schedule.look('05:07', [], [])).toBe('all as wanted again')
    expect(schedule.look('06:07', [], [])).toBe('')
  })
})

describe('a history that is lost', () => {
  it('tells once too much at most', () => {
    const schedule = new Schedule()
    schedule.look('04:07', [deadMonzo])
    schedule.history = []
    expect([schedule.look('05:07', [deadMonzo]), schedule.look('06:07', [deadMonzo])]).toEqual([
      'monzo: refresh dead',
      '',
    ])
  })

  it('does not mind looks of a person in between, good or bad', () => {
    const schedule = new Schedule()
    const byHand = (at: string): Entry => ({ v: 1, at, kind: 'unseen', by: 'status', why: 'x' })
    schedule.look('04:07', 'blind')
    schedule.history.push(byHand('2026-11-22T04:10:00.000Z'), byHand('2026-11-22T04:11:00.000Z'))
    expect(schedule.look('05:07', 'blind')).toBe('')
    expect(schedule.look('06:07', 'blind')).toBe('cannot look at hinata-z2')
  })

  it('counts for what could not be judged neither those, nor what only hung on something else', () => {
    const schedule = new Schedule()
    schedule.look('04:07', [silentContainer])
    schedule.history.push(lookEntry(observed([silentContainer]), 'status'))
    expect(schedule.look('05:07', [silentContainer])).toBe('')
    const noTimer: Change = (seen) => {
      answered(seen).units.delete('bulma-poll-monzo.timer')
    }
    expect(schedule.look('06:07', [noTimer])).toBe('')
  })
})
