import type { Bank, World } from '../world.ts'

export const unitFolder = '/etc/systemd/system'
export type Half = 'morning' | 'evening'

const title: Record<Bank, string> = { monzo: 'Monzo', truelayer: 'TrueLayer' }

/** One calendar timer and one that counts from the last run: both forms that systemd has. */
const schedule: Record<Bank, string> = {
  monzo: 'OnCalendar=*:0/15\nRandomizedDelaySec=30\nPersistent=true',
  truelayer: 'OnBootSec=2min\nOnUnitActiveSec=15min',
}

export const timerText = (bank: Bank, when = schedule[bank]): string =>
  `[Unit]\nDescription=Bulma ${title[bank]} poll every 15 minutes\n\n[Timer]\n${when}\n\n[Install]\nWantedBy=timers.target\n`

export const serviceText = (bank: Bank): string =>
  `[Unit]\nDescription=Bulma ${title[bank]} poll\n\n[Service]\nType=oneshot\nExecStart=/opt/bulma/poll ${bank}\n`

const hour: Record<Half, string> = { morning: '07', evening: '19' }

export const legacyName = (half: Half): string => `hinata-poll-truelayer-${half}`
export const legacyTimerText = (half: Half): string =>
  `[Unit]\nDescription=TrueLayer poll on the host (${half})\n\n[Timer]\nOnCalendar=*-*-* ${hour[half]}:00:00\n\n[Install]\nWantedBy=timers.target\n`
export const legacyServiceText = (half: Half): string =>
  `[Unit]\nDescription=TrueLayer poll on the host (${half})\n\n[Service]\nType=oneshot\nExecStart=/opt/hinata/poll-truelayer --${half}\n`

export const timerName = (bank: Bank): string => `bulma-poll-${bank}.timer`

/** The timer of a bank: files, not masked, no drop-ins, enabled for good, active. */
export function healthyTimer(world: World, bank: Bank): void {
  const name = timerName(bank)
  const run = '/run/systemd/system'
  const old = [`${unitFolder}/${name}`, `${unitFolder}/${name}.d`, `${run}/${name}`]
  world.remove('ct109', ...old, `${run}/timers.target.wants/${name}`)
  world.write('ct109', `${unitFolder}/${name}`, timerText(bank))
  world.write('ct109', `${unitFolder}/bulma-poll-${bank}.service`, serviceText(bank))
  // which also reads the files again
  world.systemctl('ct109', 'enable', '--quiet', name)
  world.systemctl('ct109', 'restart', name)
}

export function healthyHostMount(world: World): void {
  world.systemctl('z2', 'start', 'mnt-data.mount')
}

/** The former units are nowhere. */
export function withoutLegacy(world: World, half: Half): void {
  const name = legacyName(half)
  world.run('z2', `${name}.service`, 0)
  world.systemctl('z2', 'stop', `${name}.timer`)
  const old = ['timer', 'service'].flatMap((type) => [
    `${unitFolder}/timers.target.wants/${name}.${type}`,
    ...[unitFolder, '/run/systemd/system', '/lib/systemd/system'].flatMap((folder) => [
      `${folder}/${name}.${type}`,
      `${folder}/${name}.${type}.d`,
    ]),
  ])
  world.remove('z2', ...old)
  world.systemctl('z2', 'daemon-reload')
  world.systemctl('z2', 'reset-failed')
}
