import { healthy } from '../healthy/all.ts'
import { healthyNode } from '../healthy/container.ts'
import { healthyDataFolder } from '../healthy/token-file.ts'
import { healthyTimer } from '../healthy/unit.ts'
import type { World } from '../world.ts'

/** Everything as documented on a Z2 that has just booted: a container needs its configuration and folder to start, a poll its units. */
export function makeHealthy(world: World): void {
  healthyNode(world)
  healthyDataFolder(world)
  world.pct('start', '109')
  for (const bank of ['monzo', 'truelayer'] as const) healthyTimer(world, bank)
  healthy(world)
}
