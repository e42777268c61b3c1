import { expect, it } from 'vitest'
import { longestGap } from '../../lib/judge/timer.ts'

const quarters = 'OnCalendar=*-*-* *:00/15:00'

it.each([
  [quarters, 15],
  ['OnCalendar=*-*-* *:03/15:00', 15],
  ['OnCalendar=*-*-* *:00,15,30,45:30', 15],
  ['OnCalendar=*-*-* *:*:00', 1],
  ['OnCalendar=*-*-* *:00/20:00', 20],
  ['OnCalendar=*-*-* *:00:00', 60],
  ['OnCalendar=*-*-* 00:00:00', 1440],
  ['OnCalendar=*-*-* 00,06,12,18:00:00', 360],
  ['OnCalendar=*-*-* 06..22:00/15:00', 435],
  ['OnCalendar=*-*-* 00/2:00/15:00', 75],
  // together they are enough, and each alone is not
  ['OnCalendar=*-*-* *:00:00, OnCalendar=*-*-* *:15/15:00', 15],
])('%s leaves at most %i minutes', (schedule, minutes) => {
  expect(longestGap(schedule)).toBe(minutes)
})

it.each([
  '',
  'OnUnitActiveUSec=15min',
  `${quarters}, OnUnitActiveUSec=1h`,
  'OnCalendar=Mon..Fri *-*-* *:00/15:00',
  'OnCalendar=*-*-01 *:00/15:00',
  'OnCalendar=*-*-* *:00/15:00 Europe/London',
  'OnCalendar=hourly',
  'OnCalendar=*-*-* *:00~05:00',
])('nothing is said of "%s"', (schedule) => {
  expect(longestGap(schedule)).toBe(null)
})
