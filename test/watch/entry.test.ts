import { describe, expect, it } from 'vitest'
import { entryLine, historyLines, parseHistory } from '../../lib/watch/entry.ts'
import { looked, told, unseen } from './past.ts'

describe('a history file', () => {
  it('gives back what was put into it, in its order', () => {
    const past = [
      looked('2026-11-22T03:00:00.000Z'),
      unseen('2026-11-22T04:00:00.000Z'),
      told('2026-11-22T04:00:01.000Z'),
    ]
    expect(parseHistory(past.map(entryLine).join(''))).toEqual({ entries: past, bad: 0 })
  })

  it('begins each line with version, time and kind', () => {
    expect(entryLine({ kind: 'login', bank: 'monzo', login: 7, at: '2026-11-22T03:00:00.000Z', v: 1 })).toBe(
      '{"v":1,"at":"2026-11-22T03:00:00.000Z","kind":"login","bank":"monzo","login":7}\n',
    )
  })

  it.each([
    ['no JSON', '{"v":1,'],
    ['another version', '{"v":2,"at":"2026-11-22T03:00:00.000Z","kind":"login","bank":"monzo","login":7}'],
    ['a kind that is not known', '{"v":1,"at":"2026-11-22T03:00:00.000Z","kind":"guess"}'],
    ['no time', '{"v":1,"kind":"login","bank":"monzo","login":7}'],
    ['a time without a zone', '{"v":1,"at":"2026-11-22T03:00:00","kind":"login","bank":"monzo","login":7}'],
  ])('counts a line that nobody can read, and reads the others: %s', (_, line) => {
    const good = looked('2026-11-22T04:00:00.000Z')
    expect(parseHistory(`${line}\n${entryLine(good)}`)).toEqual({ entries: [good], bad: 1 })
    expect(historyLines(`${line}\n`)[0]?.text).toBe(line)
  })

  it('leaves out a last line that was torn, and counts one that only lost its end', () => {
    const good = looked('2026-11-22T04:00:00.000Z')
    const line = entryLine(good)
    expect(parseHistory(line + line.slice(0, 40))).toEqual({ entries: [good], bad: 0 })
    expect(parseHistory(line + line.trimEnd())).toEqual({ entries: [good, good], bad: 0 })
  })

  it('takes fields that a later version may add, and older lines without the newer ones', () => {
    const { entries } = parseHistory(
      '{"v":1,"at":"2026-11-22T03:00:00.000Z","kind":"told","what":"x","how":["ntfy"],"mood":"calm"}\n',
    )
    expect(entries).toEqual([
      { v: 1, at: '2026-11-22T03:00:00.000Z', kind: 'told', what: 'x', how: ['ntfy'], failed: [], open: [] },
    ])
  })
})
