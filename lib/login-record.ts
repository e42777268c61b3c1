import * as z from 'zod/mini'
import { readNote } from './note.ts'

const fingerprint = z.string().check(z.regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'))

const loginRecord = z.object({
  /** the id of the login that was committed last */
  login: z.int(),
  /** of the refresh token that was committed */
  refresh: fingerprint,
  /** of the user, or of each account */
  account: z.array(fingerprint),
  /** epoch seconds, as all times here */
  loggedInAt: z.number(),
  /** when the consent ends, where the bank named it */
  consentEnd: z.nullable(z.number()),
  committedAt: z.number(),
})

/** `/var/lib/bulma-infra/<bank>.json` on Z2: what is known of the login that was committed last. */
export type LoginRecord = z.infer<typeof loginRecord>

/** Reads a record. @throws Error that names the first field that is wrong */
export const parseLoginRecord = (value: unknown): LoginRecord => readNote(loginRecord, value)
