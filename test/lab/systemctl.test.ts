import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ringAlarms } from '../../lab/sim/alarm.ts'
import { buildLab } from '../../lab/sim/build.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { run as runProgram } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

// Each fixture is a transcript of the real systemd in a Debian 12 container: `$` a command and what it printed, `%` a change by
// hand. The stand-in runs the same commands on the same unit files and must print the same.

const fixtures = join(import.meta.dirname, '..', 'fixture', 'systemd')
const folder = temporaryFolder('systemctl')
const place = placeAt(folder, 'lab')
const root = place.roots.ct109
const units = join(root, 'etc/systemd/system')

type Step = { by: 'systemctl' | 'hand'; command: string; printed: string }

function steps(text: string): Step[] {
  const blocks = text.split(/^(?=[$%] )/m).filter((block) => /^[$%] /.test(block))
  return blocks.map((block) => {
    if (block.startsWith('% ')) return { by: 'hand', command: block.slice(2).trimEnd(), printed: '' }
    const [first = '', ...rest] = block.split('\n')
    return { by: 'systemctl', command: first.slice(2), printed: rest.join('\n').trimEnd() }
  })
}

/**
 * Moments, ids and what follows from the clock of the machine: the shape is compared, not the value. systemd answers with the
 * UnitFileState it saw before a file changed until it is told to reload; the stand-in looks each time.
 */
const shape = (text: string): string =>
  text
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'MOMENT')
    .replace(/^UnitFileState=.*\n(NeedDaemonReload=yes)$/gm, '$1')
    .replace(/^(InvocationID=)[0-9a-f]{32}$/gm, '$1ID')
    .replace(
      /((?:next_elapse|NextElapseUSecMonotonic)=)(?!0\b|infinity)(?:\d+(?:\.\d+)?[a-z]+ ?)+?(?= \}|$)/gm,
      '$1SPAN',
    )

const service = (title: string, program: string): string =>
  `[Unit]\nDescription=${title}\n[Service]\nType=oneshot\nExecStart=${program}\n`
const timer = (title: string, when: string): string =>
  `[Unit]\nDescription=${title}\n[Timer]\n${when}\n[Install]\nWantedBy=timers.target\n`

const files: Record<string, string> = {
  'bulma-poll-monzo.service': service('Bulma Monzo poll', '/opt/try/poll'),
  'bulma-poll-monzo.timer': timer(
    'Bulma Monzo poll every 15 minutes',
    'OnCalendar=*:0/15\nRandomizedDelaySec=30\nPersistent=true',
  ),
  'bulma-poll-truelayer.service': service('Bulma TrueLayer poll', '/opt/try/poll'),
  'bulma-poll-truelayer.timer': timer(
    'Bulma TrueLayer poll every 15 minutes',
    'OnBootSec=2min\nOnUnitActiveSec=15min',
  ),
  'hinata-poll-truelayer-morning.service': service('former TrueLayer poll (morning)', '/opt/try/poll'),
  'hinata-poll-truelayer-morning.timer': timer(
    'former TrueLayer poll (morning)',
    'OnCalendar=*-*-* 07:00:00',
  ),
}
const mount = '[Mount]\nWhat=tmpfs\nWhere=/mnt/data\nType=tmpfs\n'
const program = '#!/bin/sh\n[ -e tmp/slow ] && sleep 1\n[ -e tmp/fail ] && exit 1\nexit 0\n'

/** The machine as it was before each transcript. */
function reset(): void {
  for (const name of ['etc/systemd', 'run', 'lib', 'opt/try', 'mnt'])
    rmSync(join(root, name), { recursive: true, force: true })
  for (const name of [
    'etc/systemd/system/timers.target.wants',
    'run/sim/unit',
    'run/systemd/system',
    'run/systemd/generator',
    'tmp',
    'lib/systemd/system',
    'opt/try',
    'mnt/data',
  ]) {
    mkdirSync(join(root, name), { recursive: true })
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(units, name), text)
  // the transcripts come from a machine with other timers
  symlinkSync('/dev/null', join(units, 'timers.target.wants/apt-daily.timer'))
  writeFileSync(join(root, 'opt/try/poll'), program, { mode: 0o755 })
  writeFileSync(join(root, 'run/sim/boot'), String(Math.floor(Date.now() / 1000)))
  writeFileSync(join(root, 'run/systemd/generator/mnt-data.mount'), mount)
  writeFileSync(
    join(root, 'proc/self/mountinfo'),
    '61 96 0:53 / /mnt/data rw,relatime shared:19 - tmpfs tmpfs rw\n',
  )
}

async function run({ by, command }: Step, properties: string): Promise<string> {
  const path = `${join(place.bin, 'ct109')}:${join(place.bin, 'system')}`
  const text = command.replace('$P', properties)
  const words =
    by === 'hand'
      ? text
      : `exec 2>&1; ${text.replace(/'[^']*'|\S*\*\S*/g, (word) => (word.startsWith("'") ? word : `'${word}'`))}`
  const { stdout, code } = await runProgram('env', [
    `PATH=${path}`,
    '/bin/sh',
    '-c',
    `cd '${root}'; ${words}`,
  ])
  return `${stdout}[exit ${code}]`
}

const alarm = setInterval(() => ringAlarms(place, Date.now(), console.error), 100)
beforeAll(() => {
  buildLab(place)
  // where systemd starts a service
  writeFileSync(place.checkoutNote, root)
})
afterAll(() => {
  clearInterval(alarm)
  rmSync(folder, { recursive: true, force: true })
})

describe('systemctl answers as systemd 252 does', () => {
  const names = readdirSync(fixtures).filter((name) => name.startsWith('252-'))
  test.each(names)('%s', async (name) => {
    reset()
    const text = readFileSync(join(fixtures, name), 'utf8')
    const properties = /^# \$P is (.*)$/m.exec(text)?.[1] ?? ''
    const all = steps(text)
    expect(all.length).toBeGreaterThan(2)
    for (const [index, step] of all.entries()) {
      const printed = await run(step, properties)
      if (step.by === 'hand') continue
      const where = `${index}: ${all
        .slice(Math.max(0, index - 2), index + 1)
        .map(({ command }) => command)
        .join('\n')}\n`
      expect(where + shape(printed)).toBe(where + shape(step.printed))
    }
  })
})
