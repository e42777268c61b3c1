import {
  type Half,
  legacyName,
  legacyServiceText,
  legacyTimerText,
  unitFolder,
  withoutLegacy,
} from '../healthy/unit.ts'
import type { Fault, World } from '../world.ts'

const kind = 'legacy-unit'
const runningSeconds = 5

const writeUnits = (world: World, half: Half, folder = unitFolder): void => {
  world.write('z2', `${folder}/${legacyName(half)}.timer`, legacyTimerText(half))
  world.write('z2', `${folder}/${legacyName(half)}.service`, legacyServiceText(half))
}

const plantHalf =
  (half: Half) =>
  (world: World): void => {
    writeUnits(world, half)
    world.systemctl('z2', 'daemon-reload')
    world.systemctl('z2', 'enable', '--now', `${legacyName(half)}.timer`)
  }

const without =
  (...halves: Half[]) =>
  (world: World): void => {
    for (const half of halves) withoutLegacy(world, half)
  }

const morning = legacyName('morning')
const evening = legacyName('evening')

export const legacyFaults: Fault[] = [
  {
    name: 'legacy-morning',
    says: `${morning}.timer is back: enabled, active`,
    kind,
    plant: plantHalf('morning'),
    mend: without('morning'),
  },
  {
    name: 'legacy-evening',
    says: `${evening}.timer is back: enabled, active`,
    kind,
    plant: plantHalf('evening'),
    mend: without('evening'),
  },
  {
    name: 'legacy-dormant',
    says: `${morning}.timer is back: disabled, inactive, but installed`,
    kind,
    plant: (world) => writeUnits(world, 'morning'),
    mend: without('morning'),
  },
  {
    name: 'legacy-masked',
    says: `${morning}.timer is masked instead of removed`,
    kind,
    plant: (world) => world.link('z2', `${unitFolder}/${morning}.timer`, '/dev/null'),
    mend: without('morning'),
  },
  {
    name: 'legacy-dropin',
    says: `only a drop-in folder of ${evening}.timer is left`,
    kind,
    plant: (world) =>
      world.write('z2', `${unitFolder}/${evening}.timer.d/override.conf`, '[Timer]\nOnCalendar=daily\n'),
    mend: without('evening'),
  },
  {
    name: 'legacy-dangling',
    says: `${evening}.timer is wanted by timers.target, but its file is gone`,
    kind,
    plant: (world) =>
      world.link('z2', `${unitFolder}/timers.target.wants/${evening}.timer`, `../${evening}.timer`),
    mend: without('evening'),
  },
  {
    name: 'legacy-vendor',
    says: `a package ships ${morning}.timer in /lib/systemd/system`,
    kind,
    plant: (world) => {
      writeUnits(world, 'morning', '/lib/systemd/system')
      world.systemctl('z2', 'enable', '--now', `${morning}.timer`)
    },
    mend: without('morning'),
  },
  {
    name: 'legacy-removed-active',
    says: `the file of ${morning}.timer was deleted while systemd still runs it`,
    kind,
    plant: (world) => {
      plantHalf('morning')(world)
      world.remove('z2', `${unitFolder}/${morning}.timer`)
    },
    mend: without('morning'),
  },
  {
    name: 'legacy-running',
    says: `${morning}.service is polling right now, for ${runningSeconds} seconds`,
    kind,
    plant: (world) => {
      plantHalf('morning')(world)
      world.run('z2', `${morning}.service`, runningSeconds)
    },
    mend: without('morning'),
  },
]
