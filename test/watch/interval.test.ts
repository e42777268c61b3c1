import { describe, expect, it } from 'vitest'
import {
  calendarIntervals,
  type Interval,
  intervalOf,
  nextTime,
  onCalendar,
  possible,
} from '../../lib/watch/interval.ts'

const every = (minutes: number): Interval => {
  const interval = intervalOf(minutes)
  if (!interval) throw new Error(`${minutes} cannot be had`)
  return interval
}

describe('an interval by the clock', () => {
  it.each([
    [5, '*:00,05,10,15,20,25,30,35,40,45,50,55'],
    [15, '*:07,22,37,52'],
    [30, '*:07,37'],
    [60, '*:07'],
    [360, '00,06,12,18:07'],
    [1440, '00:07'],
  ])('of %i minutes is %s to systemd', (minutes, text) => expect(onCalendar(every(minutes))).toBe(text))

  it('is one dictionary a time to launchd', () => {
    expect(calendarIntervals(every(30))).toEqual([{ Minute: 7 }, { Minute: 37 }])
    expect(calendarIntervals(every(720))).toEqual([
      { Hour: 0, Minute: 7 },
      { Hour: 12, Minute: 7 },
    ])
  })

  it.each([7, 45, 90, 0, -60, 1.5, 2880])('cannot be had of %d minutes', (minutes) =>
    expect(intervalOf(minutes)).toBeNull(),
  )

  it('has as many times a day as it should', () => {
    for (const minutes of possible) {
      const times = calendarIntervals(every(minutes))
      expect(times.length * (minutes > 60 ? 1 : 24) * minutes).toBe(1440)
      expect(times.every(({ Minute = -1 }) => Minute >= 0 && Minute < 60)).toBe(true)
    }
  })

  it('says when it comes next', () => {
    const at = (text: string): number => new Date(`2026-11-22T${text}`).getTime()
    expect(nextTime(every(60), at('04:07:30'))).toBe(at('05:07:00'))
    expect(nextTime(every(15), at('04:21:59'))).toBe(at('04:22:00'))
    expect(nextTime(every(360), at('18:07:00'))).toBe(new Date('2026-11-23T00:07:00').getTime())
  })
})
