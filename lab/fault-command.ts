import { exitCode } from '../lib/exit-code.ts'
import { faults, findFaults, nearNames } from './fault/catalogue.ts'
import { type LabUp, neededLab } from './kind.ts'
import { misuse, type Output } from './output.ts'
import type { Place } from './sim/place.ts'
import { mendAll, mendFaults, plantedFaults, plantFaults } from './sim/plant.ts'
import type { Fault } from './world.ts'

/** Every fault that there is, a line each. */
export function list({ say }: Output): number {
  const width = Math.max(...faults.map(({ name }) => name.length))
  for (const { name, says } of faults) say(`${name.padEnd(width)}  ${says}`)
  return exitCode.asWanted
}

/** Throws a Problem for names that no fault has. */
function known(names: string[]): Fault[] {
  const { found, unknown } = findFaults(names)
  const [first] = unknown
  if (first === undefined) return found
  const near = nearNames(first)
  throw misuse(
    `no fault is called ${unknown.join(' ')}`,
    near.length > 0 ? `near it: ${near.join(', ')}` : 'nothing is called like that',
    'npm run lab -- faults',
  )
}

const needed = (place: Place): LabUp => neededLab(place, 'faults are planted in a lab that runs')

/** Plants faults in the lab that is up. Throws a Problem when none is, or for a name that no fault has. */
export async function breakIt(place: Place, names: string[], { say }: Output): Promise<number> {
  if (names.length === 0)
    throw misuse('lab break needs the name of a fault', 'none was given', 'npm run lab -- faults')
  const chosen = known(names)
  const found = needed(place)
  if (plantedFaults(place).length === 0) found.hold(true)
  await plantFaults(place, chosen, found.world())
  for (const { name, says } of chosen) say(`planted ${name}: ${says}`)
  return exitCode.asWanted
}

/** Mends these faults, or all that are planted, the latest first. */
export async function mend(place: Place, names: string[], { say }: Output): Promise<number> {
  const chosen = known(names)
  const found = needed(place)
  const world = found.world()
  if (names.length > 0) await mendFaults(place, chosen, world)
  const mended = names.length > 0 ? names : await mendAll(place, world)
  if (plantedFaults(place).length === 0) found.hold(false)
  await world.settle()
  say(mended.length > 0 ? `mended ${mended.join(' ')}` : 'nothing was planted')
  return exitCode.asWanted
}
