import type { ShapeKey } from './order.ts'

/** What a time in a token file stands for, as far as its name says so. */
export type TimeMeaning = 'expiry' | 'login' | 'obtained' | 'consent-end'

const end = /expir|valid_?(until|to)|_end(s|ed)?(_at)?$/i

/**
 * Reads the name of a key. The runbooks name `full_auth_at` alone; what else a poller keeps is its own affair.
 * @param fullAuthAt the configured name of the time of the full login
 * @returns null for a time that a login does not set, such as the end of a refresh token or the last error
 */
export function timeMeaning(key: string, fullAuthAt: string): TimeMeaning | null {
  if (key === fullAuthAt) return 'login'
  if (/error|fail|poll|sync/i.test(key)) return null
  if (/consent/i.test(key)) return end.test(key) ? 'consent-end' : 'login'
  if (end.test(key)) return /refresh/i.test(key) ? null : 'expiry'
  if (/full_?auth|log(ged)?_?in|auth(enticated|ori[sz]ed)/i.test(key)) return 'login'
  return /obtain|creat|issu|receiv|acquir|saved|updat|refresh|fetch|retriev|granted|written|timestamp/i.test(
    key,
  )
    ? 'obtained'
    : null
}

/** A time as a file holds it. ISO times are UTC with an offset in digits, which every reader of ISO times takes. */
export function writeTime(ms: number, { type, time }: Pick<ShapeKey, 'type' | 'time'>): string | number {
  if (time === 'iso') return new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
  const value = Math.floor(time === 'milliseconds' ? ms : ms / 1000)
  return type === 'string' ? String(value) : value
}
