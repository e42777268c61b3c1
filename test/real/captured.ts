import type { Ended } from '../e2e/project.ts'

/** What is asked of Z2, and with which faults planted. The answers of a real one are in test/fixture/real. */
export type Question = { faults: string[]; commands: string[] }

const timers = 'bulma-poll-monzo.timer bulma-poll-truelayer.timer'
const inside = (command: string): string => `pct exec 109 -- ${command}`
const properties =
  'Id LoadState ActiveState SubState UnitFileState FragmentPath DropInPaths Result NeedDaemonReload TimersCalendar NextElapseUSecRealtime'
    .split(' ')
    .map((name) => `-p ${name}`)
    .join(' ')
const show = (units: string): string => `systemctl show ${units} ${properties}`
/** what tells one run of a service from another */
const run =
  'ActiveState SubState Result NRestarts InvocationID StateChangeTimestamp InactiveExitTimestamp ActiveEnterTimestamp InactiveEnterTimestamp ExecMainStartTimestamp ExecMainExitTimestamp ExecMainCode ExecMainStatus'
    .split(' ')
    .map((name) => `-p ${name}`)
    .join(' ')
const runs = ['service', 'timer'].map((type) => `systemctl show bulma-poll-monzo.${type} ${run}`)
const legacy = (half: string): string =>
  ['timer', 'service'].map((type) => `hinata-poll-truelayer-${half}.${type}`).join(' ')
const both = (units: string): string[] => [
  show(units),
  `systemctl is-enabled ${units}`,
  `systemctl is-active ${units}`,
]
const lockable = ['stop 109', 'shutdown 109', 'reboot 109', 'set 109 -onboot 0'].map(
  (words) => `pct ${words}`,
)

export const questions: Record<'pct' | 'unit', Question[]> = {
  pct: [
    {
      faults: [],
      commands: [
        'pct',
        'pct nosuch',
        'pct status',
        'pct status 109',
        'pct status 110',
        'pct status 109 110',
        'pct status abc',
        'pct config 109',
        'pct start 109',
        'pct start 110',
        'pct set 109',
        'pct set 109 -onboot 2',
        'pct set 109 -nosuch 1',
        'pct set 109 -onboot 0',
        'cat .lab/z2/etc/pve/lxc/109.conf',
        'pct set 109 --onboot 1',
        'pct unlock 109',
        'pct exec',
        'pct exec 109',
        'pct exec 109 true',
        'pct exec 109 ls -la',
        'pct exec 109 --nosuch 1 -- true',
        'pct exec 109 --keep-env maybe -- true',
        'pct exec abc -- true',
        'pct exec 110 -- true',
        inside('nosuch'),
        inside("sh -c 'exit 7'"),
        inside("sh -c 'kill -9 $$'"),
        "SECRET=1 pct exec 109 -- sh -c 'echo [$SECRET]'",
        "SECRET=1 pct exec 109 --keep-env 0 -- sh -c 'echo [$SECRET] $container'",
        "SECRET=1 pct exec 109 --keep-env=0 -- sh -c 'echo [$SECRET]'",
        inside('hostname'),
        inside('hostname -I'),
      ],
    },
    {
      faults: ['container-locked'],
      commands: [...lockable, 'pct start 109', inside('true'), 'pct status 109'],
    },
    {
      faults: ['container-stopped'],
      commands: [
        'pct status 109',
        'pct stop 109',
        'pct shutdown 109',
        'pct reboot 109',
        inside('true'),
        'pct config 110',
      ],
    },
    {
      faults: ['container-stopped-locked'],
      commands: ['pct start 109', 'pct set 109 -onboot 1', 'pct status 109'],
    },
    {
      faults: ['container-other-node'],
      commands: ['pct status 109', 'pct start 109', 'pct config 109', inside('true')],
    },
    { faults: ['container-stopped', 'host-mount-missing'], commands: ['pct start 109', 'pct status 109'] },
  ],
  unit: [
    {
      faults: [],
      commands: [
        ...both(legacy('morning')),
        show('mnt.mount'),
        ...both(timers).map(inside),
        ...['systemctl start bulma-poll-monzo.service', ...runs].map(inside),
      ],
    },
    ...['dormant', 'masked', 'vendor', 'removed-active'].map((form) => ({
      faults: [`legacy-${form}`],
      commands: both(legacy('morning')),
    })),
    ...['dropin', 'dangling'].map((form) => ({
      faults: [`legacy-${form}`],
      commands: both(legacy('evening')),
    })),
    ...[
      'disabled',
      'stopped',
      'runtime',
      'masked',
      'absent',
      'edited',
      'not-reloaded',
      'dropin',
      'no-elapse',
    ].map((form) => ({ faults: [`timer-${form}-monzo`], commands: both(timers).map(inside) })),
    {
      faults: ['poll-running-monzo'],
      commands: [
        inside(`${show('bulma-poll-monzo.service')} -p ExecMainExitTimestamp -p ExecMainStatus`),
        ...runs.slice(0, 1).map(inside),
      ],
    },
    {
      faults: ['poll-failed-monzo'],
      commands: [
        inside(`${show('bulma-poll-monzo.service')} -p ExecMainStatus`),
        inside('systemctl is-failed bulma-poll-monzo.service'),
        ...runs.slice(0, 1).map(inside),
      ],
    },
    { faults: ['host-mount-missing'], commands: both('mnt-data.mount') },
  ],
}

/** Moments change; that there is one, or none, does not. */
const timeless = (text: string): string =>
  text
    .replace(/^(InvocationID=)[0-9a-f]{32}$/gm, '$1ID')
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? UTC/g, 'MOMENT')

const lines = (name: string, text: string): string[] =>
  text === ''
    ? []
    : timeless(text)
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${name} ${line}`.trimEnd())

/** One command and its answer, as it stands in a fixture. */
export const answered = (command: string, { code, out, err }: Ended): string =>
  [`$ ${command}`, ...lines('out', out), ...lines('err', err), `exit ${code}`, ''].join('\n')
