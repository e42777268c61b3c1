import type { World } from '../world.ts'
import { healthyNode } from './container.ts'
import { healthyAccounts, healthyPoll } from './poll-log.ts'
import { healthyCredentials, healthyDataFolder, healthyMacCredentials, healthyToken } from './token-file.ts'
import { healthyHostMount, healthyTimer } from './unit.ts'

/** Everything as documented: every invariant holds. For a lab that has just been made. */
export function healthy(world: World): void {
  healthyHostMount(world)
  healthyNode(world)
  healthyDataFolder(world)
  healthyCredentials(world)
  healthyAccounts(world)
  for (const bank of ['monzo', 'truelayer'] as const) {
    healthyToken(world, bank)
    healthyPoll(world, bank)
    healthyTimer(world, bank)
    healthyMacCredentials(world, bank)
  }
}
