import { containerFolder, healthyValue, setValue } from '../healthy/container.ts'
import { dataFolder } from '../healthy/token-file.ts'
import type { Fault } from '../world.ts'

const kind = 'bind-mount'
const other = `${dataFolder}-old`
const covered = `${containerFolder}/tokens_monzo.json`

export const bindMountFaults: Fault[] = [
  {
    name: 'bind-mount-missing',
    says: 'the bind mount is neither configured nor mounted',
    kind,
    plant: (world) => {
      setValue(world, 'mp0', undefined)
      world.bind(containerFolder, undefined)
    },
    mend: (world) => {
      healthyValue(world, 'mp0')
      world.bind(containerFolder, dataFolder)
    },
  },
  {
    name: 'bind-mount-unmounted',
    says: 'the bind mount is configured, but the container was not restarted since',
    kind,
    plant: (world) => world.bind(containerFolder, undefined),
    mend: (world) => world.bind(containerFolder, dataFolder),
  },
  {
    name: 'bind-mount-other',
    says: 'another folder of Z2 is mounted at /root/data/bulma',
    kind,
    plant: (world) => {
      world.folder('z2', other)
      setValue(world, 'mp0', `${other},mp=${containerFolder}`)
      world.bind(containerFolder, other)
    },
    mend: (world) => {
      healthyValue(world, 'mp0')
      world.bind(containerFolder, dataFolder)
      world.remove('z2', other)
    },
  },
  {
    name: 'bind-mount-covered',
    says: 'something is mounted over tokens_monzo.json inside the bind mount',
    kind,
    plant: (world) => world.cover(covered, true),
    mend: (world) => world.cover(covered, false),
  },
]
