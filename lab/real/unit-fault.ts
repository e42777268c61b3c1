import type { World } from '../world.ts'

/** what starts a unit's program in the lab reads these, once or each time */
const runFolder = '/run/bulma-lab'
/** an active timer that elapsed in the past only */
const over = '[Timer]\nOnCalendar=2020-01-01\n'

/** Faults that only systemd's memory shows, brought about by what a real systemd remembers. */
export function unitFaults(
  files: Pick<World, 'read' | 'write' | 'remove'>,
  systemctl: World['systemctl'],
): Pick<World, 'run' | 'ended' | 'exhaust'> {
  const bankOf = (service: string): string => service.replace(/^bulma-poll-(\w+)\.service$/, '$1')
  const nextFile = (service: string): string => `${runFolder}/next-${bankOf(service)}`
  const once = (service: string, command: string): void => files.write('ct109', nextFile(service), command)

  return {
    run: (side, service, seconds) => {
      if (seconds === 0) return systemctl(side, 'stop', service)
      if (side === 'z2') files.write('z2', `${runFolder}/poll-seconds`, String(seconds))
      else once(service, `sleep ${seconds}`)
      systemctl(side, 'start', '--no-block', service)
    },
    ended: (service, outcome) => {
      systemctl('ct109', 'stop', service)
      once(service, outcome === 'success' ? 'true' : 'false')
      systemctl('ct109', 'start', service)
      // where there is no such service, the next poll must not find it
      files.remove('ct109', nextFile(service))
    },
    // What a timer has to elapse for is kept over a reload, so the old file comes back and the timer stays without a next run.
    exhaust: (timer) => {
      const file = `/etc/systemd/system/${timer}`
      const text = files.read('ct109', file)
      if (text === undefined) return
      files.write('ct109', file, over)
      systemctl('ct109', 'daemon-reload')
      systemctl('ct109', 'restart', timer)
      files.write('ct109', file, text)
      systemctl('ct109', 'daemon-reload')
    },
  }
}
