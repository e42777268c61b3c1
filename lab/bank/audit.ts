import { z } from 'zod'

/** What happened at a bank. Tokens appear as fingerprints only. */
export const auditEntry = z.object({
  at: z.string(),
  event: z.enum([
    'login',
    'denied',
    'exchange',
    'exchange-refused',
    'refresh',
    'refresh-refused',
    'evicted',
    'approved',
    'data',
    'unauthorised',
    'forbidden',
    'logout',
    'killed',
    'expired',
    'aged',
    'trouble',
  ]),
  /** which login the event belongs to */
  chain: z.string().optional(),
  /** fingerprint of the refresh token that came in */
  used: z.string().optional(),
  /** fingerprint of the refresh token that went out */
  issued: z.string().optional(),
  says: z.string().optional(),
})
export type AuditEntry = z.infer<typeof auditEntry>

/** Enough for the polls of some hours; older entries go. */
const kept = 500

export function append(entries: AuditEntry[], entry: AuditEntry): void {
  entries.push(entry)
  if (entries.length > kept) entries.splice(0, entries.length - kept)
}
