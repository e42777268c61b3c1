import { describe, expect, it } from 'vitest'
import { type Diagnosis, diagnose, worst } from '../../lib/diagnosis.ts'
import { renderDoctor } from '../../lib/doctor-report.ts'
import type { Bank } from '../../lib/invariant.ts'
import { plan } from '../../lib/plan.ts'
import type { LogEvent } from '../../lib/probe-record.ts'
import type { Seen } from '../../lib/seen.ts'
import { answered, healthy, nowMs, present } from '../healthy.ts'

const ask = (bank: Bank, change: (seen: Seen) => void): Diagnosis => {
  const { declaration, seen } = healthy()
  change(seen)
  return diagnose(bank, plan(declaration, seen, 'npm run up'), 'npm run up')
}

const says = (bank: Bank, kind: LogEvent['kind']) => (seen: Seen) => {
  present(seen.host.logs, `poll-${bank}.log`).events = [{ kind: 'transactions' }, { kind }]
}

const stopTimer = (bank: Bank) => (seen: Seen) => {
  const { units } = answered(seen)
  const name = `bulma-poll-${bank}.timer`
  units.set(name, { ...present(units, name), activeState: 'inactive' })
}

const table: [verdict: string, code: number, bank: Bank, change: (seen: Seen) => void][] = [
  ['healthy', 0, 'monzo', () => undefined],
  ['refresh-dead', 4, 'monzo', says('monzo', 'bad-refresh-token')],
  ['refresh-dead', 4, 'truelayer', says('truelayer', 'invalid-grant')],
  ['refresh-dead', 4, 'truelayer', says('truelayer', 'access-denied')],
  ['approval-pending', 4, 'monzo', says('monzo', 'forbidden')],
  ['bank-trouble', 0, 'monzo', says('monzo', 'trouble')],
  ['timer-stopped', 2, 'truelayer', stopTimer('truelayer')],
  [
    'stalled',
    4,
    'monzo',
    ({ host }) => {
      present(host.logs, 'poll-monzo.log').changed = nowMs / 1000 - 20_000
    },
  ],
  [
    'consent-ending',
    4,
    'truelayer',
    ({ host }) => void Object.assign(present(host.files, 'tokens_truelayer.json'), { time: '2026-08-20' }),
  ],
  [
    'tokens-missing',
    4,
    'monzo',
    ({ host }) => void Object.assign(present(host.files, 'tokens_monzo.json'), { state: 'absent' }),
  ],
  [
    'tokens-unreadable',
    2,
    'monzo',
    (seen) =>
      void answered(seen).access.set('tokens_monzo.json', { read: false, write: false, enter: false }),
  ],
  [
    'container-down',
    2,
    'monzo',
    (seen) => {
      seen.host.inside = { state: 'stopped', says: 'stopped' }
    },
  ],
  [
    'unknown',
    3,
    'monzo',
    (seen) => {
      seen.host.inside = { state: 'unknown', why: 'pct exec did not answer in time' }
    },
  ],
]

describe("the doctor's verdict", () => {
  it.each(table)('%s ends with %i for %s', (verdict, code, bank, change) => {
    const { verdict: found, exitCode } = ask(bank, change)
    expect([found, exitCode]).toEqual([verdict, code])
  })

  it('of one bank says nothing of the other', () => {
    expect(ask('truelayer', says('monzo', 'bad-refresh-token')).verdict).toBe('healthy')
  })

  it('puts a dead token before a stopped timer: starting it would not help', () => {
    const both = (seen: Seen): void => {
      says('monzo', 'bad-refresh-token')(seen)
      stopTimer('monzo')(seen)
    }
    expect(ask('monzo', both).verdict).toBe('refresh-dead')
  })

  it('advises a login only where a login helps', () => {
    const advised = table.filter(([, , bank, change]) => /log-in-again/.test(ask(bank, change).next))
    expect([...new Set(advised.map(([verdict]) => verdict))].sort()).toEqual([
      'consent-ending',
      'refresh-dead',
      'tokens-missing',
    ])
  })

  it('of several banks ends with the worst: 3, 4, 2, 0', () => {
    const codes = (...all: number[]) => worst(all.map((exitCode) => ({ exitCode }) as Diagnosis))
    expect([codes(0, 2), codes(2, 4), codes(4, 3), codes(0, 0)]).toEqual([2, 4, 3, 0])
  })

  it('reads like this', () => {
    expect(
      renderDoctor([ask('monzo', says('monzo', 'forbidden')), ask('truelayer', () => undefined)], false),
    ).toBe(`
monzo      approval pending
           HTTP 403 on /accounts after a clean token load, 7 minutes ago
           the token is good; Monzo waits for your approval in its app
next       open the Monzo app and approve: the prompt sits in the feed. do not log in again
           docs/runbook/monzo.md#verify

truelayer  healthy
           transactions, 7 minutes ago
           polls run as they should
`)
  })
})
