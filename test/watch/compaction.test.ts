import { describe, expect, it } from 'vitest'
import { compacted, isOverdue } from '../../lib/watch/compaction.ts'
import { type Entry, entryLine, parseHistory } from '../../lib/watch/entry.ts'
import { looked, told, unseen } from './past.ts'

const dayMs = 86_400_000
const nowMs = Date.UTC(2026, 10, 22, 4, 7)
const daysAgo = (days: number): string => new Date(nowMs - days * dayMs).toISOString()
const file = (...entries: Entry[]): string => entries.map(entryLine).join('')
const dead = (days: number) =>
  looked(daysAgo(days), {
    off: [{ id: 'ct109/last-poll/monzo', state: 'needs-person', cause: null, seen: `${days} days` }],
  })

describe('a history that is due', () => {
  it.each([
    ['of today', file(looked(daysAgo(0))), false],
    ['of 429 days', file(looked(daysAgo(429))), false],
    ['of 431 days', file(looked(daysAgo(431))), true],
    ['empty', '', false],
    ['larger than 2 MB', file(looked(daysAgo(1))).repeat(9000), true],
  ])('%s: %s', (_, text, due) => expect(isOverdue(text, nowMs)).toBe(due))

  it('keeps of looks that saw the same the first and the last, and every change', () => {
    const past = [
      looked(daysAgo(9)),
      looked(daysAgo(8)),
      looked(daysAgo(7)),
      dead(6),
      told(daysAgo(6)),
      dead(5),
      dead(4),
      dead(3),
      unseen(daysAgo(2.5)),
      unseen(daysAgo(2.4)),
      unseen(daysAgo(2.3)),
      looked(daysAgo(2)),
    ]
    const kept = [0, 2, 3, 4, 5, 7, 8, 10, 11].map((at) => past[at])
    expect(parseHistory(compacted(file(...past), nowMs)).entries).toEqual(kept)
  })

  it('drops what is older than 400 days, and nothing younger', () => {
    const past = [looked(daysAgo(440)), dead(401), looked(daysAgo(399))]
    expect(parseHistory(compacted(file(...past), nowMs)).entries).toEqual([past[2]])
  })

  it('keeps a line that nobody can read as it is, with those around it', () => {
    const text = `${file(looked(daysAgo(3)))}{"v":9,"at":"x"}\n${file(dead(2))}`
    expect(compacted(text, nowMs)).toBe(text)
  })

  it('keeps fields that it does not know', () => {
    const text = `${entryLine(looked(daysAgo(1))).replace('"v":1', '"v":1,"mood":"calm"')}`
    expect(compacted(text, nowMs)).toBe(text)
  })

  it('drops the oldest of what is nothing but changes, to three quarters of what it may be', () => {
    const past = Array.from({ length: 12_000 }, (_, at) => (at % 2 ? dead(1) : looked(daysAgo(1))))
    const text = compacted(file(...past), nowMs)
    expect(text.length).toBeGreaterThan(1_490_000)
    expect(text.length).toBeLessThanOrEqual(1_500_000)
    expect(file(...past).endsWith(text)).toBe(true)
  })
})
