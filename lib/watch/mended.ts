import type { EntryOf } from './entry.ts'

/**
 * What an `up` has repaired, by id: it differed when `up` began and holds at its end. What only hung on something that
 * differed had not been looked at, so nobody knows whether there was anything to repair.
 */
export function mendedBetween(before: EntryOf<'look'>, after: EntryOf<'look'>): string[] {
  const still = new Set(after.off.map(({ id }) => id))
  return before.off.filter(({ id, state }) => state === 'differs' && !still.has(id)).map(({ id }) => id)
}
