import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { healthy } from '../healthy/all.ts'
import { bindLine, containerFolder, containerMounts, hostMounts, uidMap } from '../healthy/container.ts'
import { dataFolder } from '../healthy/token-file.ts'
import { resetCount } from './count.ts'
import { writeKeys } from './key.ts'
import type { Place } from './place.ts'
import { installPrograms } from './program.ts'
import { deviceNumber, simulatedWorld } from './world.ts'

const folders = {
  z2: [
    'etc/systemd/system',
    'run/systemd/system',
    'run/systemd/generator',
    'run/lock',
    'run/sim/unit',
    'run/sim/ct',
    'lib/systemd/system',
    'proc/self',
    'root',
    'tmp',
    'var/backups',
    'var/lib',
    'mnt/data',
    'opt/hinata',
  ],
  ct109: [
    'etc/systemd/system',
    'run/systemd/system',
    'run/sim/unit',
    'run/sim/bank',
    'lib/systemd/system',
    'proc/self',
    'root/data',
    'tmp',
    'var/log',
  ],
  mac: ['Sandpit'],
}

/** Two days ago, so that no OnBootSec= is still to come. */
const bootedMs = 2 * 86_400_000

const neighbourTimer = `[Unit]
Description=Discard unused blocks once a week

[Timer]
OnCalendar=weekly

[Install]
WantedBy=timers.target
`

/** Writes a healthy Z2, its container and the Mac's home folder. The folder of the lab must be empty. */
export function buildLab(place: Place): void {
  mkdirSync(place.lab, { recursive: true })
  chmodSync(place.lab, 0o755)
  for (const [side, names] of Object.entries(folders)) {
    const root = place.roots[side as keyof typeof folders]
    for (const name of names) mkdirSync(join(root, name), { recursive: true })
  }
  for (const folder of [place.switches, place.planted]) mkdirSync(folder, { recursive: true })
  resetCount(place)
  writeKeys(place)
  installPrograms(place)

  const device = deviceNumber(statSync(place.lab).dev)
  const put = (side: 'z2' | 'ct109', path: string, text: string): void =>
    writeFileSync(join(place.roots[side], path), text)
  const boot = String(Math.floor((Date.now() - bootedMs) / 1000))
  put('z2', 'proc/self/mountinfo', hostMounts(device))
  put('z2', 'run/sim/boot', boot)
  put('z2', 'run/sim/ct/109', 'running')
  put('z2', 'run/sim/ct/103', 'running')
  put('z2', 'opt/hinata/poll-truelayer', '#!/bin/sh\nexit 0\n')
  chmodSync(join(place.roots.z2, 'opt/hinata/poll-truelayer'), 0o755)
  put('ct109', 'proc/self/mountinfo.base', containerMounts)
  put('ct109', 'proc/self/mountinfo', containerMounts + bindLine(dataFolder, containerFolder, device))
  put('ct109', 'proc/self/uid_map', uidMap(100_000, 65_536))
  put('ct109', 'run/sim/boot', boot)

  const world = simulatedWorld(place)
  // a host has other timers too: what is done to ours must leave them alone
  for (const side of ['z2', 'ct109'] as const) {
    world.write(side, '/lib/systemd/system/fstrim.timer', neighbourTimer)
    world.link(
      side,
      '/etc/systemd/system/timers.target.wants/fstrim.timer',
      '../../../../lib/systemd/system/fstrim.timer',
    )
  }
  world.folder('z2', dataFolder)
  world.bind(containerFolder, dataFolder)
  healthy(world)
}
