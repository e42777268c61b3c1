import { appendFileSync, type Stats } from 'node:fs'
import type { Place } from './place.ts'

/** Notes who owns a file on the simulated Z2; the real owner stays. -1 leaves the group as it is. */
export function recordOwner(
  place: Place,
  { dev, ino }: Pick<Stats, 'dev' | 'ino'>,
  uid: number,
  gid = uid,
): void {
  appendFileSync(place.owners, `${dev}:${ino} ${uid} ${gid}\n`)
}
