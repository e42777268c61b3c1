export const dayMs = 86_400_000

/** Days from one moment to another, both in ms since 1970; negative when `from` is later. */
export const daysBetween = (from: number, to: number): number => (to - from) / dayMs

/**
 * A login time as a token file holds it: seconds, milliseconds or ISO 8601, the last read as UTC without a zone.
 * @returns ms since 1970, or null when it is none of these or outside 2001 to 2286
 */
export function parseLoginTime(text: string): number | null {
  if (/^\d{10}(\.\d+)?$/.test(text)) return Number(text) * 1000
  if (/^\d{13}$/.test(text)) return Number(text)
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text)
  if (!iso) return null
  const zone = (iso[3] ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const ms = Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${zone}`)
  return Number.isNaN(ms) ? null : ms
}

/** `4 minutes`, `3 hours`, `2 days`: how long ago, in the unit that a person would use. */
export function inWords(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 120) return plural(minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return hours < 48 ? plural(hours, 'hour') : plural(Math.round(hours / 24), 'day')
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `14:03`, `Tue 14:03` or `4 Nov 14:03`: a moment as this machine's person would say it, in their own time zone. */
export function clock(ms: number, nowMs: number): string {
  const at = new Date(ms)
  const time = timeOf(at)
  if (at.toDateString() === new Date(nowMs).toDateString()) return time
  const isNear = Math.abs(nowMs - ms) < 6 * dayMs
  return `${isNear ? weekdays[at.getDay()] : day(ms)} ${time}`
}

/** `22 Nov`: the day of a moment. */
export function day(ms: number): string {
  const at = new Date(ms)
  return `${at.getDate()} ${months[at.getMonth()]}`
}

/** `Sun 22 Nov 14:03`: a moment for what is read on another day too. */
export function moment(ms: number): string {
  const at = new Date(ms)
  return `${weekdays[at.getDay()]} ${day(ms)} ${timeOf(at)}`
}

const timeOf = (at: Date): string =>
  [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
