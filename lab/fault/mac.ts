import { healthyMacCredentials, macCredentialsPath, transitPath, transitText } from '../healthy/token-file.ts'
import type { Bank, Fault, World } from '../world.ts'

const openMode = 0o644
const privateMode = 0o600

const perBank = (bank: Bank): Fault[] => {
  const mend = (world: World): void => healthyMacCredentials(world, bank)
  return [
    {
      name: `transit-${bank}`,
      says: `tokens_${bank}.json is still on the Mac`,
      kind: 'transit-copy',
      plant: (world) =>
        world.write('mac', transitPath(bank), transitText(bank, world.now()), { mode: privateMode }),
      mend: (world) => world.remove('mac', transitPath(bank)),
    },
    {
      name: `mac-credentials-absent-${bank}`,
      says: `${bank}_credentials.json is not on the Mac`,
      kind: 'credentials-file',
      plant: (world) => world.remove('mac', macCredentialsPath(bank)),
      mend,
    },
    {
      name: `mac-credentials-open-${bank}`,
      says: `${bank}_credentials.json on the Mac can be read by others (0644)`,
      kind: 'credentials-file',
      plant: (world) => world.chmod('mac', macCredentialsPath(bank), openMode),
      mend,
    },
  ]
}

export const macFaults: Fault[] = [...perBank('monzo'), ...perBank('truelayer')]
