import { realCount } from './kind.ts'
import { type Count, readCount as readSimulated, resetCount as resetSimulated } from './sim/count.ts'
import type { Place } from './sim/place.ts'

/** What looks and repairs have cost since the last reset, in whichever lab is up in this place. */
export const readCount = (place: Place): Count => realCount(place)?.read() ?? readSimulated(place)

export function resetCount(place: Place): void {
  const real = realCount(place)
  if (real === undefined) resetSimulated(place)
  else real.reset()
}
