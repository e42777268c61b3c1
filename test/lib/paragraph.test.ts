import { describe, expect, it } from 'vitest'
import { linesOf } from '../../lib/paragraph.ts'

describe('a text that does not fit', () => {
  it('is divided at its dots, then between words', () => {
    expect(linesOf('last poll 14:00, refresh ok · full login 41 days ago, 44 left', 30)).toEqual([
      'last poll 14:00, refresh ok',
      'full login 41 days ago, 44',
      'left',
    ])
  })

  it('keeps a command in one piece, at its end or as a whole', () => {
    expect(linesOf('no prompt there: npm run reauth -- monzo --stack lab', 24)).toEqual([
      'no prompt there:',
      'npm run reauth -- monzo --stack lab',
    ])
    expect(linesOf('ssh hinata-z2 "pct exec 109 -- true"', 10)).toEqual([
      'ssh hinata-z2 "pct exec 109 -- true"',
    ])
  })

  it('is left alone where it does fit, but for line ends', () => {
    expect(linesOf('a · b', 30)).toEqual(['a · b'])
    expect(linesOf('one\ntwo', 30)).toEqual(['one', 'two'])
  })
})
