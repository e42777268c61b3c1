import type { LoginRecord } from '../login-record.ts'

/** How a login on the Mac stands to the chain that Z2 has. Decided by ids and fingerprints, never by clocks. */
export type Standing =
  /** Z2 has this very chain */
  | 'there'
  /** Z2 had it, and CT109 has rotated it since: the Mac's copy is dead and must never be pushed */
  | 'rotated'
  /** Z2's chain is an earlier login's */
  | 'newer'
  /** a later login was committed on Z2 */
  | 'older'
  /** nothing says which of the two is newer: a person must */
  | 'unknown'

/** A login on the Mac: `login` and `before` are null for a file that came without a journal. */
export type OnMac = { login: number | null; refresh: string; before: string | null }

/** What Z2 says: `refresh` is null where there is no token file that can be read. */
export type OnZ2 = { record: LoginRecord | null; refresh: string | null }

/**
 * Which of the two chains is newer (reauth.md, "Record"). `before` is the fingerprint that Z2 had when its timer was
 * stopped for this login: unchanged, it proves that nobody pushed since.
 */
export function standing(mac: OnMac, z2: OnZ2): Standing {
  if (z2.refresh === mac.refresh) return 'there'
  if (z2.record === null) {
    if (mac.login === null) return 'unknown'
    return z2.refresh === null || z2.refresh === mac.before ? 'newer' : 'unknown'
  }
  if (z2.record.refresh === mac.refresh) return 'rotated'
  if (mac.login === null || z2.record.login === mac.login) return 'unknown'
  return z2.record.login > mac.login ? 'older' : 'newer'
}
