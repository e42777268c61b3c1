import { describe, expect, it } from 'vitest'
import { chronicle } from '../../lib/watch/chronicle.ts'
import { timesInWeek } from '../../lib/watch/flapping.ts'
import { nameOfId } from '../../lib/watch/invariant-name.ts'
import { lookEntry } from '../../lib/watch/look-entry.ts'
import { sinceMs, totalMs } from '../../lib/watch/stretch.ts'
import { container, lastMs, longHistory, monzoPoll, monzoTimer } from './long-history.ts'
import { looked, told, unseen } from './past.ts'
import { loginAtMonzo, observed, stoppedTimer } from './watched-world.ts'

const at = (hour: number): string => `2026-11-22T${String(hour).padStart(2, '0')}:07:00.000Z`
const ms = (hour: number): number => Date.parse(at(hour))
const timer = 'ct109/timer/a.timer'
const offAt = (hour: number, cause: string | null = null, state: 'differs' | 'unknown' = 'differs') =>
  looked(at(hour), { off: [{ id: timer, state, cause, seen: `seen at ${hour}` }] })
const tell = (...entries: Parameters<typeof chronicle>[0]['entries']) => chronicle({ entries, bad: 0 }, [], 0)
const spells = (...entries: Parameters<typeof tell>) => tell(...entries)?.tracks[0]?.spells

describe('a spell', () => {
  it('lasts from the first look that saw it to the first that saw it over', () => {
    expect(spells(looked(at(0)), looked(at(1)), offAt(2), offAt(3), looked(at(5)))).toEqual([
      { fromMs: ms(2), toMs: ms(5), heldMs: ms(1), condition: 'differs', seen: 'seen at 3', by: null },
    ])
  })

  it('that was there at the first look began nobody knows when, and goes on after the last', () => {
    expect(spells(offAt(2))).toMatchObject([{ fromMs: ms(2), toMs: null, heldMs: null }])
  })

  it('goes on where nothing could be seen, or where it waited for something else', () => {
    const all = [looked(at(1)), offAt(2), unseen(at(3)), offAt(4, 'ct109/container/109'), offAt(5)]
    expect(spells(...all, looked(at(6)))).toMatchObject([{ fromMs: ms(2), toMs: ms(6), heldMs: ms(1) }])
  })

  it('does not begin with what hangs on something else, or with a look that saw nothing', () => {
    expect(spells(looked(at(1)), unseen(at(2)), offAt(3, 'ct109/container/109'), looked(at(4)))).toEqual([])
  })

  it('is no drift, but told, where it could not be looked at for a reason of its own', () => {
    expect(spells(looked(at(1)), offAt(2, null, 'unknown'), looked(at(3)))).toMatchObject([
      { condition: 'unknown', fromMs: ms(2), toMs: ms(3) },
    ])
  })

  it('does not begin with what a login has stopped on purpose', () => {
    const entry = lookEntry(
      observed([loginAtMonzo, stoppedTimer('monzo'), stoppedTimer('truelayer')], at(2)),
      'schedule',
    )
    const { tracks } = tell(looked(at(1)), entry, looked(at(3))) ?? { tracks: [] }
    expect(tracks.filter((one) => one.spells.length > 0).map(({ id }) => id)).toEqual([
      'ct109/timer/bulma-poll-truelayer.timer',
    ])
  })

  it('knows the up and the login that ended it, and not one that came before or after', () => {
    const repair = (hour: number) => ({
      v: 1 as const,
      at: at(hour),
      kind: 'repair' as const,
      mended: [timer],
    })
    expect(spells(looked(at(1)), offAt(2), repair(4), looked(at(4)))).toMatchObject([{ by: 'up' }])
    expect(spells(repair(1), looked(at(1)), offAt(2), looked(at(4)), repair(5))).toMatchObject([{ by: null }])
    const bad = looked(at(2), {
      banks: [{ bank: 'monzo', verdict: 'refresh-dead', what: 'x', lastGood: null }],
    })
    const login = { v: 1 as const, at: at(3), kind: 'login' as const, bank: 'monzo' as const, login: 2 }
    expect(tell(looked(at(1)), bad, login, looked(at(4)))?.banks[0]?.spells).toMatchObject([{ by: 'login' }])
  })
})

describe('a history told by what it is about', () => {
  it('is nothing where nobody looked', () => {
    expect(tell()).toBeNull()
    expect(tell(told(at(1)))).toBeNull()
  })

  it('is in the order of time, though a clock was set back', () => {
    expect(spells(looked(at(4)), offAt(2), looked(at(1)))).toMatchObject([{ fromMs: ms(2), toMs: ms(4) }])
  })

  it('of some days leaves out what was over before, and tells what went on from its beginning', () => {
    const start = lastMs - 3 * 86_400_000
    const all = chronicle({ entries: longHistory(), bad: 0 }, [], start)
    const track = (id: string) => all?.tracks.find((one) => one.id === id)
    expect(all?.firstMs).toBe(start)
    expect(track(container)?.spells).toEqual([])
    expect(track(monzoTimer)?.spells).toHaveLength(1)
    expect(track(monzoPoll)?.stretches[0]?.fromMs).toBe(start)
    expect(all?.repairs).toHaveLength(1)
  })

  it('tells of every invariant that is asked for, first and in that order', () => {
    const all = chronicle({ entries: [looked(at(1)), offAt(2)], bad: 0 }, ['z2/b/b', 'z2/a/a'], 0)
    expect(all?.tracks.map(({ id }) => id)).toEqual(['z2/b/b', 'z2/a/a', timer])
    expect(all?.tracks[0]?.stretches).toMatchObject([{ condition: 'holds', fromMs: ms(1), toMs: ms(2) }])
  })

  it('counts how often something flaps, and how long it was off in all', () => {
    const track = chronicle({ entries: longHistory(), bad: 0 }, [], 0)?.tracks.find(
      (one) => one.id === monzoTimer,
    )
    expect(track?.spells.map(({ by }) => by)).toEqual(['up', null, null, 'up'])
    expect(timesInWeek(track?.spells ?? [], lastMs)).toBe(3)
    expect(totalMs(track?.spells ?? [], lastMs) / 3_600_000).toBe(10 + 2 + 3 + 8)
  })

  it('says since when a bank is well, through looks that saw nothing', () => {
    const all = tell(looked(at(1)), unseen(at(2)), looked(at(3)), unseen(at(4)))
    expect(sinceMs(all?.banks[0]?.stretches ?? [], 'unseen')).toBe(ms(4))
    const well = tell(looked(at(1)), unseen(at(2)), looked(at(3)))
    expect(sinceMs(well?.banks[0]?.stretches ?? [], 'unseen')).toBe(ms(1))
    expect(well?.blind).toMatchObject([{ fromMs: ms(2), toMs: ms(3) }])
  })
})

it.each([
  ['ct109/timer/bulma-poll-monzo.timer', 'ct109 timer bulma-poll-monzo.timer'],
  ['ct109/bind-mount/root/data/bulma', 'ct109 bind mount /root/data/bulma'],
  ['something', 'something'],
])('%s is called %s', (id, name) => {
  expect(nameOfId(id)).toBe(name)
})
