import { dataFolder, healthyDataFolder } from '../healthy/token-file.ts'
import { healthyHostMount } from '../healthy/unit.ts'
import type { Fault } from '../world.ts'

const kind = 'data-folder'

export const dataFolderFaults: Fault[] = [
  {
    name: 'data-folder-closed',
    says: "the data folder is root's alone (0700): the container cannot enter it",
    kind,
    plant: (world) => world.chmod('z2', dataFolder, 0o700),
    mend: healthyDataFolder,
  },
  {
    name: 'data-folder-read-only',
    says: 'the container can enter the data folder and create nothing in it (0755)',
    kind,
    plant: (world) => world.chmod('z2', dataFolder, 0o755),
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
