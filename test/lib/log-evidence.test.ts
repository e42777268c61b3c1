import { describe, expect, it } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { latestEvidence } from '../../lib/log-evidence.ts'
import type { LogEvent } from '../../lib/probe-record.ts'

/** `kind 04:15`, or a kind alone where the log has no times. */
const read = (bank: Bank, ...lines: string[]) =>
  latestEvidence(
    bank,
    lines.map((line) => {
      const [kind, time] = line.split(' ')
      return { kind: kind as LogEvent['kind'], time: time ? `2026-11-22 ${time}:00` : null }
    }),
  )
const minutes = (count: number): number => count * 60_000

describe('how long a failure lasts', () => {
  it('is from the first line of the present run of it to the latest', () => {
    const evidence = read('monzo', 'trouble 01:00', 'transactions 02:00', 'trouble 03:00', 'trouble 03:30')
    expect(evidence).toMatchObject({ kind: 'trouble', forMs: minutes(30) })
  })

  it('goes on through a refresh that went well, since that is no good poll', () => {
    const approval = read(
      'monzo',
      'transactions 01:00',
      'forbidden 02:00',
      'refresh-ok 03:00',
      'forbidden 03:00',
    )
    expect(approval).toMatchObject({ kind: 'approval', forMs: minutes(60) })
    const trouble = read('truelayer', 'trouble 02:00', 'refresh-ok 03:00', 'trouble 03:01')
    expect(trouble).toMatchObject({ kind: 'trouble', forMs: minutes(61) })
  })

  it('of a pending approval goes on through trouble, which approves nothing', () => {
    expect(read('monzo', 'forbidden 01:00', 'trouble 01:15', 'forbidden 01:30')).toMatchObject({
      forMs: minutes(30),
    })
  })

  it('of trouble begins anew after an answer of the bank, be it a refusal', () => {
    expect(read('monzo', 'trouble 01:00', 'forbidden 01:15', 'trouble 01:30')).toMatchObject({ forMs: 0 })
    expect(read('monzo', 'trouble 01:00', 'bad-refresh-token 01:15', 'trouble 01:30')).toMatchObject({
      forMs: 0,
    })
  })

  it('is not known where the log has no times', () => {
    expect(read('monzo', 'forbidden', 'forbidden 02:00')).toMatchObject({ kind: 'approval', forMs: null })
    expect(read('monzo', 'forbidden 02:00', 'forbidden')).toMatchObject({ kind: 'approval', forMs: null })
  })
})

describe('what a good poll brought', () => {
  const poll = (...events: LogEvent[]) => latestEvidence('truelayer', events)
  const at = (time: string): string => `2026-11-22 ${time}`

  it('is what its own lines count, not those of the poll before', () => {
    const found = poll(
      { kind: 'refresh-ok', time: at('03:45:00') },
      { kind: 'transactions', time: at('03:45:02'), accounts: 9, transactions: 9 },
      { kind: 'transactions', time: at('04:00:02'), transactions: 1 },
      { kind: 'updated', time: at('04:00:03') },
      { kind: 'done', time: at('04:00:03') },
    )
    expect(found).toEqual({ kind: 'good', says: '1 transaction' })
  })

  it('is its last line where the log has no times, or counts nothing', () => {
    expect(poll({ kind: 'refresh-ok' }, { kind: 'transactions', accounts: 3 })).toEqual({
      kind: 'good',
      says: '3 accounts',
    })
    expect(poll({ kind: 'updated' })).toEqual({ kind: 'good', says: 'credit-accounts.json updated' })
  })
})
