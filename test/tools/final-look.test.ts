import { describe, expect, it } from 'vitest'
import { lookLine } from '../../tools/final-look.ts'

describe('the line of the final look', () => {
  it.each([
    [{ holds: 20, differs: 0, needsPerson: 1, unknown: 0 }, 'hinata-z2 · 20 hold · 1 needs you'],
    [{ holds: 21, differs: 0, needsPerson: 0, unknown: 0 }, 'hinata-z2 · 21 hold'],
    [
      { holds: 1, differs: 2, needsPerson: 3, unknown: 9 },
      'hinata-z2 · 1 holds · 2 differ · 3 need you · 9 could not be looked at',
    ],
  ])('%j', (summary, wanted) => {
    expect(lookLine('hinata-z2', summary)).toBe(wanted)
  })
})
