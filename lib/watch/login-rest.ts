import type { Bank } from '../invariant.ts'
import { leaseOf } from '../judge/lease.ts'
import type { Observed } from '../outcome.ts'

/**
 * The bank at which somebody logs in at this moment, where an invariant is of that bank; null otherwise. All of it is
 * theirs meanwhile: its timer stands still on purpose, and its files may be on their way.
 */
export function loginOf(id: string, { declaration, seen }: Observed): Bank | null {
  const invariant = declaration.invariants.find((one) => one.id === id)
  if (!invariant || !('bank' in invariant)) return null
  return leaseOf({ seen }, invariant.bank)?.isBroken === false ? invariant.bank : null
}
