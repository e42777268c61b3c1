import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

const sides = ['z2', 'ct109'] as const

/**
 * Rings the alarms that are due: each is a file in `run/sim/due` of its side, named after a transient timer or a service that
 * is to be tried again, with the moment in seconds since 1970. What it starts takes the file away.
 */
export function ringAlarms(place: Place, now: number, log: (line: string) => void): void {
  for (const side of sides) {
    const folder = join(place.roots[side], 'run/sim/due')
    if (!existsSync(folder)) continue
    for (const unit of readdirSync(folder)) {
      if (!/\.(timer|service)$/.test(unit) || momentOf(join(folder, unit)) > now) continue
      const child = spawn(join(place.bin, 'lib/elapse'), [side, unit], { env: {}, stdio: 'ignore' })
      child.once('error', (error) => log(`${unit}: ${error.message}`))
    }
  }
}

/** In milliseconds; never, when it was taken away in this very moment. */
function momentOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) * 1000
  } catch {
    // somebody stopped the unit between the listing and here
    return Number.POSITIVE_INFINITY
  }
}
