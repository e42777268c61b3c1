import { healthyTimer, timerName, timerText, unitFolder } from '../healthy/unit.ts'
import type { Bank, Fault, World } from '../world.ts'

const kind = 'timer'

const perBank = (bank: Bank): Fault[] => {
  const timer = timerName(bank)
  const mend = (world: World): void => healthyTimer(world, bank)
  const file = `${unitFolder}/${timer}`
  return [
    {
      name: `timer-disabled-${bank}`,
      says: `${timer} is disabled and stopped`,
      kind,
      plant: (world) => world.systemctl('ct109', 'disable', '--now', timer),
      mend,
    },
    {
      name: `timer-stopped-${bank}`,
      says: `${timer} is enabled but stopped: it comes back with the next boot only`,
      kind,
      plant: (world) => world.systemctl('ct109', 'stop', timer),
      mend,
    },
    {
      name: `timer-runtime-${bank}`,
      says: `${timer} is enabled until the next boot only`,
      kind,
      plant: (world) => {
        world.systemctl('ct109', 'disable', timer)
        world.systemctl('ct109', 'enable', '--runtime', timer)
      },
      mend,
    },
    {
      name: `timer-masked-${bank}`,
      says: `${timer} is masked: a link to /dev/null stands in the place of its file`,
      kind,
      plant: (world) => {
        world.systemctl('ct109', 'disable', '--now', timer)
        world.write('ct109', `/lib/systemd/system/${timer}`, timerText(bank))
        world.link('ct109', file, '/dev/null')
        world.systemctl('ct109', 'daemon-reload')
      },
      mend: (world) => {
        world.remove('ct109', `/lib/systemd/system/${timer}`)
        mend(world)
      },
    },
    {
      name: `timer-absent-${bank}`,
      says: `${timer} has no unit file any more`,
      kind,
      plant: (world) => {
        world.systemctl('ct109', 'disable', '--now', timer)
        world.remove('ct109', file)
        world.systemctl('ct109', 'daemon-reload')
      },
      mend,
    },
    {
      name: `timer-edited-${bank}`,
      says: `${timer} fires once a day (OnCalendar=daily)`,
      kind,
      plant: (world) => {
        world.write('ct109', file, timerText(bank, 'OnCalendar=daily'))
        world.systemctl('ct109', 'daemon-reload')
      },
      mend,
    },
    {
      name: `timer-not-reloaded-${bank}`,
      says: `the file of ${timer} was edited and systemd was not told`,
      kind,
      plant: (world) => world.write('ct109', file, `${timerText(bank)}# edited\n`),
      mend,
    },
    {
      name: `timer-dropin-${bank}`,
      says: `a drop-in makes ${timer} fire every six hours`,
      kind,
      plant: (world) => {
        world.write(
          'ct109',
          `${file}.d/override.conf`,
          '[Timer]\nOnCalendar=\nOnCalendar=*-*-* 00,06,12,18:00\n',
        )
        world.systemctl('ct109', 'daemon-reload')
      },
      mend,
    },
    {
      name: `timer-no-elapse-${bank}`,
      says: `${timer} is active and has nothing left to elapse for`,
      kind,
      plant: (world) => world.exhaust(timer),
      mend,
    },
  ]
}

export const timerFaults: Fault[] = [...perBank('monzo'), ...perBank('truelayer')]
