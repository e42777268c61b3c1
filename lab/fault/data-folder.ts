import { dataFolder, healthyDataFolder } from '../healthy/token-file.ts'
import { healthyHostMount } from '../healthy/unit.ts'
import type { Fault, World } from '../world.ts'

const kind = 'data-folder'

const closed = (world: World, mode: number): void => {
  world.chmod('z2', dataFolder, mode)
  world.own('z2', dataFolder, 0)
}

export const dataFolderFaults: Fault[] = [
  {
    name: 'data-folder-closed',
    says: "the data folder is root's alone (0700): the container cannot enter it",
    kind,
    plant: (world) => closed(world, 0o700),
    mend: healthyDataFolder,
  },
  {
    name: 'data-folder-read-only',
    says: 'the container can enter the data folder and create nothing in it (0755)',
    kind,
    plant: (world) => closed(world, 0o755),
    mend: healthyDataFolder,
  },
  {
    name: 'host-mount-missing',
    says: 'the disk of /mnt/data is not mounted: the folder is empty',
    kind,
    plant: (world) => world.systemctl('z2', 'stop', 'mnt-data.mount'),
    mend: healthyHostMount,
  },
]
