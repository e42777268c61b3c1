import { daysBetween, inWords, parseLoginTime, plural } from '../age.ts'
import { type Bank, fileNames } from '../invariant.ts'
import type { Context } from './context.ts'

const hourMs = 3_600_000

/** Days before the end of a consent from which a login should renew it: as long as from day 85 to day 90. */
export const renewalDays = 5

/** When the last full login was and when its consent ends, in ms since 1970; null where nobody says. */
export type Consent = { loginMs: number | null; endMs: number | null }

/**
 * What Z2's token file and record say of a bank's last login. The file may be of a later login than the record, made
 * without this program, and then the record's consent is not its consent.
 */
export function consentOf({ seen }: Pick<Context, 'seen'>, bank: Bank): Consent {
  const { record } = seen.host.logins[bank]
  const inFile = parseLoginTime(seen.host.files.get(fileNames[bank].token)?.time ?? '')
  if (record.state !== 'here') return { loginMs: inFile, endMs: null }
  const recorded = record.value.loggedInAt * 1000
  const isLater = inFile !== null && inFile - recorded > hourMs
  const { consentEnd } = record.value
  return {
    loginMs: Math.max(inFile ?? recorded, recorded),
    endMs: consentEnd === null || isLater ? null : consentEnd * 1000,
  }
}

/** True where the bank named an end and it is near or past. */
export const isEnding = ({ endMs }: Consent, nowMs: number): boolean =>
  endMs !== null && daysBetween(nowMs, endMs) <= renewalDays

/** `the consent ends in 3 days`; empty where the bank named no end. */
export function endOf({ endMs }: Consent, nowMs: number): string {
  if (endMs === null) return ''
  const ms = endMs - nowMs
  if (ms < 0) return `the consent ended ${inWords(-ms)} ago`
  const days = Math.floor(daysBetween(nowMs, endMs))
  return `the consent ends in ${days < 2 ? inWords(ms) : plural(days, 'day')}`
}

/** Days after its last full login on which NatWest's consent is over. */
export const consentDays = 90

/**
 * `full login 41 days ago, 44 left before day 85`; empty where nobody says when it was.
 * @param maxDays from which a login should be renewed; null where its age does not matter
 */
export function leftOf(consent: Consent, maxDays: number | null, nowMs: number): string {
  const age = consent.loginMs === null ? -1 : daysBetween(consent.loginMs, nowMs)
  if (age < 0) return endOf(consent, nowMs)
  const days = Math.floor(age)
  const login = `full login ${plural(days, 'day')} ago`
  if (consent.endMs !== null) return `${login}, ${endOf(consent, nowMs)}`
  if (maxDays === null) return login
  const last = age <= maxDays ? maxDays : consentDays
  return days <= last
    ? `${login}, ${last - days} left before day ${last}`
    : `${login}, ${days - last} past day ${last}`
}
