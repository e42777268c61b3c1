import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { clock } from '../../age.ts'
import { exitCode } from '../../exit-code.ts'
import { installSchedule } from '../../next-step.ts'
import { everyInWords, nextTime } from '../../watch/interval.ts'
import { lookInWords } from '../../watch/look-entry.ts'
import { recall } from './memory.ts'
import { type Here, planHere, textAt } from './schedule-here.ts'
import { runCommand } from './scheduler.ts'
import { tellingHere } from './telling-here.ts'

/** What is installed, when it looks next and what it saw last; returns 1 where nothing is, 2 where that is not right. */
export async function show(here: Here): Promise<number> {
  const { config, job, isMac, installed } = here
  const command = installSchedule(job.stack)
  if (installed === null) {
    console.log(`not installed: ${command}`)
    return exitCode.failed
  }
  // Held against itself with its own interval: another one is no reason to install it again.
  const { plan, job: as } = installed > 0 ? planHere(config, job.stack, installed) : here
  const isSame = plan.files.every(({ path, text }) => textAt(path) === text)
  const isLive = (await runCommand(plan.isLive)) === null
  const nowMs = Date.now()
  const rows = [
    ['installed', everyInWords(as.interval)],
    ...plan.files.map(({ path }) => ['', path]),
    ...(isSame ? [] : [['', `not as it would be written now: ${command}`]]),
    ['next look', isLive ? clock(nextTime(as.interval, nowMs), nowMs) : `none, it does not run: ${command}`],
    ['last look', lastLook(here, nowMs)],
    ['telling', tellingHere(config).replace(/^told /, '')],
    ['output', plan.says],
    ...(isMac || lingers() ? [] : [['', 'looks only while you are logged in, until loginctl enable-linger']]),
  ]
  console.log(rows.map(([label = '', text = '']) => `${label.padEnd(12)}${text}`.trimEnd()).join('\n'))
  return isSame && isLive ? exitCode.asWanted : exitCode.differs
}

function lastLook({ config, job }: Here, nowMs: number): string {
  const last = recall(config, job.stack).findLast(
    (entry) => (entry.kind === 'look' || entry.kind === 'unseen') && entry.by === 'schedule',
  )
  if (last?.kind === 'look') return `${clock(Date.parse(last.at), nowMs)}, ${lookInWords(last)}`
  if (last?.kind === 'unseen') return `${clock(Date.parse(last.at), nowMs)}, saw nothing: ${last.why}`
  return 'none yet'
}

/** systemd keeps a file for each person whose services run without them (loginctl(1), enable-linger). */
const lingers = (): boolean => existsSync(`/var/lib/systemd/linger/${userInfo().username}`)
