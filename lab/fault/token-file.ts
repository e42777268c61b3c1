import {
  credentialsPath,
  credentialsText,
  healthyCredentials,
  healthyToken,
  tokenPath,
  tokenText,
} from '../healthy/token-file.ts'
import type { Bank, Fault, World } from '../world.ts'

const kind = 'token-file'
const expiringDays = 87

const perBank = (bank: Bank): Fault[] => {
  const mend = (world: World): void => healthyToken(world, bank)
  const file = `tokens_${bank}.json`
  const text = (world: World): string => tokenText(bank, world.now())
  return [
    {
      name: `token-unreadable-${bank}`,
      says: `${file} is root's alone (0600): the poller cannot read it`,
      kind,
      plant: (world) => {
        world.chmod('z2', tokenPath(bank), 0o600)
        world.own('z2', tokenPath(bank), 0)
      },
      mend,
    },
    {
      name: `token-read-only-${bank}`,
      says: `${file} can be read by the container but not written (0644): the next rotation is lost`,
      kind,
      plant: (world) => world.chmod('z2', tokenPath(bank), 0o644),
      mend,
    },
    {
      name: `token-absent-${bank}`,
      says: `${file} is gone`,
      kind,
      plant: (world) => world.remove('z2', tokenPath(bank)),
      mend,
    },
    {
      name: `token-broken-${bank}`,
      says: `${file} is cut off in the middle: no JSON`,
      kind,
      plant: (world) => world.write('z2', tokenPath(bank), text(world).slice(0, 60), { mode: 0o646 }),
      mend,
    },
    {
      name: `token-no-refresh-${bank}`,
      says: `${file} has an empty refresh_token`,
      kind,
      plant: (world) =>
        world.write('z2', tokenPath(bank), text(world).replace(/("refresh_token": )"[^"]*"/, '$1""'), {
          mode: 0o646,
        }),
      mend,
    },
    {
      name: `token-link-${bank}`,
      says: `${file} is a symbolic link to a file elsewhere`,
      kind,
      plant: (world) => {
        world.write('z2', '/root/elsewhere.json', text(world), { mode: 0o600 })
        world.link('z2', tokenPath(bank), '../../../../../root/elsewhere.json')
      },
      mend: (world) => {
        world.remove('z2', '/root/elsewhere.json')
        mend(world)
      },
    },
    {
      name: `token-folder-${bank}`,
      says: `${file} is a folder`,
      kind,
      plant: (world) => {
        world.remove('z2', tokenPath(bank))
        world.folder('z2', tokenPath(bank))
      },
      mend,
    },
  ]
}

export const tokenFileFaults: Fault[] = [
  ...perBank('monzo'),
  ...perBank('truelayer'),
  {
    name: 'token-old-truelayer',
    says: `the full TrueLayer login is ${expiringDays} days old`,
    kind: 'token-age',
    plant: (world) =>
      world.write('z2', tokenPath('truelayer'), tokenText('truelayer', world.now(), expiringDays), {
        mode: 0o646,
      }),
    mend: (world) => healthyToken(world, 'truelayer'),
  },
  {
    name: 'credentials-unreadable',
    says: "monzo_credentials.json on Z2 is root's alone (0600)",
    kind: 'credentials-file',
    plant: (world) => world.chmod('z2', credentialsPath, 0o600),
    mend: healthyCredentials,
  },
  {
    name: 'credentials-world-writable',
    says: 'monzo_credentials.json on Z2 can be written by everybody (0666)',
    kind: 'credentials-file',
    plant: (world) => world.chmod('z2', credentialsPath, 0o666),
    mend: healthyCredentials,
  },
  {
    name: 'credentials-absent',
    says: 'monzo_credentials.json is not on Z2',
    kind: 'credentials-file',
    plant: (world) => world.remove('z2', credentialsPath),
    mend: healthyCredentials,
  },
  {
    name: 'credentials-broken',
    says: 'monzo_credentials.json on Z2 is cut off in the middle: no JSON',
    kind: 'credentials-file',
    plant: (world) => world.write('z2', credentialsPath, credentialsText('monzo').slice(0, 30)),
    mend: healthyCredentials,
  },
]
