import { everyInWords, onCalendar } from './interval.ts'
import { type Home, type Job, jobCommand, may, must, type Plan } from './job.ts'

// A timer of the person's own systemd (systemd.timer(5)). Persistent: what was missed while the machine was off is made up
// for at its next start. A service that still runs is not started a second time. What it prints goes to the journal.

const unitOf = ({ stack }: Job): string => `bulma-watch-${stack}`

const made = '# made and taken away by npm run schedule'

/** The service: one look. */
export function serviceText(job: Job): string {
  const command = execLine(jobCommand(job))
  return `${made}
[Unit]
Description=Bulma: one look at ${specifiers(job.host)}, told when something has changed (stack ${job.stack})

[Service]
Type=oneshot
WorkingDirectory=${specifiers(job.project)}
Environment=${word(`PATH=${job.path}`)}
ExecStart=${command}
# drift, a person who is needed and a host that is not there are findings, no failures of the look
SuccessExitStatus=2 3 4
TimeoutStartSec=180
# the connection of ssh outlives a look by a minute, and another command may be using it by then
KillMode=process
UMask=0077
Nice=10
`
}

/** The timer. */
export const timerText = (job: Job): string => `${made}
[Unit]
Description=Bulma: look ${everyInWords(job.interval)} (stack ${job.stack})

[Timer]
OnCalendar=${onCalendar(job.interval)}
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
`

/** `%` begins a specifier everywhere in a unit file (systemd.unit(5)). */
const specifiers = (text: string): string => text.replaceAll('%', '%%')

/** One word of a line that is taken apart (systemd.syntax(7), "Quoting"). */
const word = (text: string): string =>
  specifiers(/^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)

/** systemd starts no program whose path holds a quote or a backslash, and in all words but the path `$` begins a variable. */
function execLine([program = '', ...args]: string[]): string {
  const [start, ...rest] = /['"\\]/.test(program) ? ['/usr/bin/env', program, ...args] : [program, ...args]
  return [word(start ?? ''), ...rest.map((one) => word(one).replaceAll('$', '$$$$'))].join(' ')
}

/** How a timer is installed, run and taken away (systemctl(1)). */
export function systemdPlan(job: Job, { configHome, dataHome }: Home): Plan {
  const folder = `${configHome}/systemd/user`
  const unit = unitOf(job)
  const systemctl = ['systemctl', '--user']
  const [timer, service] = [`${unit}.timer`, `${unit}.service`]
  const stamps = `${dataHome}/systemd/timers`
  return {
    files: [
      { path: `${folder}/${service}`, text: serviceText(job) },
      { path: `${folder}/${timer}`, text: timerText(job) },
    ],
    check: ['systemd-analyze', '--user', 'verify'],
    probe: [...systemctl, 'show-environment'],
    start: [
      must(...systemctl, 'daemon-reload'),
      must(...systemctl, 'enable', timer),
      must(...systemctl, 'restart', timer),
    ],
    stop: [
      may(...systemctl, 'disable', '--now', timer),
      may(...systemctl, 'stop', service),
      // When it last ran, which Persistent= has written down.
      may(...systemctl, 'clean', '--what=state', timer),
    ],
    forget: [must(...systemctl, 'daemon-reload'), may(...systemctl, 'reset-failed', timer, service)],
    isLive: [...systemctl, 'is-active', '--quiet', timer],
    runNow: [...systemctl, 'start', '--no-block', service],
    traces: [`${stamps}/stamp-${timer}`],
    says: `journalctl --user -u ${service}`,
    folders: [
      `${folder}/timers.target.wants`,
      folder,
      `${configHome}/systemd`,
      configHome,
      stamps,
      `${dataHome}/systemd`,
    ],
  }
}
