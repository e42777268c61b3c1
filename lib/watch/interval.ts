import { plural } from '../age.ts'

// Both schedulers go by the clock on the wall: only so do they make up for what a sleeping machine has missed. launchd's
// StartInterval does not (launchd.plist(5): "that interval will be missed"), nor do systemd's monotonic timers.

/** A wall-clock pattern: every day at each of these hours (every hour where there are none) and minutes. */
export type Interval = { everyMinutes: number; hours: number[]; minutes: number[] }

const hour = 60
const day = 1440

/** Beside the minutes at which the pollers run, so that a look does not see every poll half done. */
const offset = 7

/** Every so many minutes by the clock; null where they divide neither an hour nor a day. */
export function intervalOf(everyMinutes: number): Interval | null {
  const dividesHour = hour % everyMinutes === 0
  const dividesDay = everyMinutes % hour === 0 && day % everyMinutes === 0
  if (!Number.isInteger(everyMinutes) || everyMinutes < 1 || !(dividesHour || dividesDay)) return null
  const first = everyMinutes > offset ? offset : 0
  const minutes = dividesHour ? every(everyMinutes, hour).map((minute) => minute + first) : [first]
  const hours = everyMinutes <= hour ? [] : every(everyMinutes / hour, 24)
  return { everyMinutes, hours, minutes }
}

const every = (step: number, end: number): number[] =>
  Array.from({ length: end / step }, (_, at) => at * step)

/** The numbers of minutes that can be had, for who asked for another. */
export const possible = Array.from({ length: day }, (_, at) => at + 1).filter((minutes) =>
  intervalOf(minutes),
)

/** As systemd writes it (systemd.time(7), "Calendar Events"): `*:07,22,37,52`, `00,06,12,18:07`. */
export function onCalendar({ hours, minutes }: Interval): string {
  const list = (all: number[]): string => all.map((one) => String(one).padStart(2, '0')).join(',')
  return `${hours.length > 0 ? list(hours) : '*'}:${list(minutes)}`
}

/** As launchd writes it: one dictionary a time. */
export function calendarIntervals({ hours, minutes }: Interval): Record<string, number>[] {
  if (hours.length === 0) return minutes.map((Minute) => ({ Minute }))
  return hours.flatMap((Hour) => minutes.map((Minute) => ({ Hour, Minute })))
}

/** `every 60 minutes`: what is written into the files, and read from them again. */
export const everyInWords = ({ everyMinutes }: Interval): string => `every ${plural(everyMinutes, 'minute')}`

/** The minutes that `everyInWords` has written into a text; null where it says none. */
export function minutesIn(text: string): number | null {
  const found = /\bevery (\d+) minutes?\b/.exec(text)
  return found ? Number(found[1]) : null
}

/** When it comes next, in ms since 1970, by this machine's clock. */
export function nextTime({ hours, minutes }: Interval, nowMs: number): number {
  const at = new Date(nowMs)
  at.setSeconds(0, 0)
  do at.setMinutes(at.getMinutes() + 1)
  while (!minutes.includes(at.getMinutes()) || (hours.length > 0 && !hours.includes(at.getHours())))
  return at.getTime()
}
