import { describe, expect, it } from 'vitest'
import { takeTurns } from '../../bench/round.ts'
import { median, ratio, spread } from '../../bench/sample.ts'
import { renderRows } from '../../bench/table.ts'

const sample = (...times: number[]) => ({ name: 'one', times })

describe('a sample', () => {
  it('has the middle one as its median, or the mean of the two in the middle', () => {
    expect(median(sample(9, 1, 5))).toBe(5)
    expect(median(sample(9, 1, 5, 7))).toBe(6)
    expect(median(sample(3))).toBe(3)
  })

  it('is as many times as long as another as their medians say', () => {
    expect(ratio(sample(30, 40, 50), sample(10, 10, 900))).toBe(4)
    expect(spread(sample(10, 900, 20))).toEqual([10, 900])
  })
})

describe('taking turns', () => {
  it('lets each take its turn in every round, and each begin a round', async () => {
    const order: string[] = []
    const subject = (name: string) => ({ name, run: async () => order.push(name) })
    const samples = await takeTurns(3, ['a', 'b', 'c'].map(subject))
    expect(order.join('')).toBe('abcbcacab')
    expect(samples.map(({ name, times }) => [name, times.length])).toEqual([
      ['a', 3],
      ['b', 3],
      ['c', 3],
    ])
  })

  it('does what comes before a turn outside of its time', async () => {
    const order: string[] = []
    const before = async (): Promise<void> => void order.push('before')
    await takeTurns(2, [{ name: 'a', before, run: async () => order.push('run') }])
    expect(order).toEqual(['before', 'run', 'before', 'run'])
  })
})

describe('the table', () => {
  it('says met, missed, or counted where there is no target', () => {
    const row = { measured: 'a look', target: '≤ 1 s', got: '2 s' }
    expect(
      renderRows([
        { ...row, met: false },
        { ...row, met: true },
        { ...row, target: '', met: null },
      ]),
    ).toBe(
      `| measured | target | got |  |
| --- | --- | --- | --- |
| a look | ≤ 1 s | 2 s | **missed** |
| a look | ≤ 1 s | 2 s | met |
| a look |  | 2 s | counted |`,
    )
  })
})
