import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { exitCode } from '../../exit-code.ts'
import { installSchedule } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { everyInWords } from '../../watch/interval.ts'
import { firstLook } from './first-scheduled-look.ts'
import { ensureFolder } from './history-folder.ts'
import { historyProblem } from './history-problem.ts'
import { notThere } from './program.ts'
import { rehearsal } from './rehearsal.ts'
import { type Here, textAt } from './schedule-here.ts'
import { undo } from './schedule-remove.ts'
import { runCommand, runOrder } from './scheduler.ts'
import { tellingHere } from './telling-here.ts'

/**
 * Installs the schedule, replaces what has changed, or finds that there is nothing to do; then has it look once.
 * @throws Problem (1) when this machine has no such scheduler, or it does not take the files; nothing is left then
 */
export async function install(here: Here, isRehearsal: boolean): Promise<number> {
  const { config, job, plan } = here
  if (isRehearsal) {
    console.log(rehearsal(plan.files, [...plan.start.map(({ command }) => command), plan.runNow]))
    return exitCode.asWanted
  }
  await requireScheduler(here)
  const same = plan.files.every(({ path, text }) => textAt(path) === text)
  if (same && (await runCommand(plan.isLive)) === null) {
    console.log(`is installed already, ${everyInWords(job.interval)}: nothing to do`)
    return exitCode.asWanted
  }
  await check(here)
  makeLogFolder(job.log)
  for (const { path, text } of plan.files) write(path, text)
  const startedMs = Date.now()
  await start(here)
  const files = plan.files.map(({ path }) => `  ${path}`)
  const done = here.installed === null ? 'installed' : 'replaced'
  console.log([`${done}, ${everyInWords(job.interval)}`, ...files, tellingHere(config)].join('\n'))
  await runCommand(plan.runNow)
  return firstLook(here, startedMs)
}

/** launchd makes the log, but no folder for it. @throws Problem (1) when the folder cannot be used */
function makeLogFolder(log: string): void {
  try {
    ensureFolder(dirname(log))
  } catch (error) {
    throw historyProblem('write', log, error)
  }
}

async function requireScheduler({ plan, isMac }: Here): Promise<void> {
  const why = await runCommand(plan.probe)
  if (why === null) return
  throw new Problem({
    what: `${isMac ? 'launchd' : 'systemd'} does not run anything for you here`,
    why: `${plan.probe.join(' ')}: ${why}`,
    next: isMac ? 'log in at the screen of this Mac, and try it there' : 'loginctl enable-linger',
    left: 'nothing was installed',
  })
}

/** The scheduler's own checker reads the files before anything is where the scheduler would find it. */
async function check({ job, plan: { files, check: checker } }: Here): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulma-schedule-'))
  try {
    const paths = files.map(({ path }) => join(folder, basename(path)))
    files.forEach(({ text }, at) => {
      writeFileSync(paths[at] ?? '', text)
    })
    const why = await runCommand([...checker, ...paths])
    if (why === null || why === notThere) return
    throw new Problem({
      what: 'the files of the schedule are not good',
      why: `${checker.join(' ')}: ${why}`,
      next: `${installSchedule(job.stack)} --dry-run`,
      left: 'nothing was installed',
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}`, text, { mode: 0o644 })
  renameSync(`${path}.${process.pid}`, path)
}

async function start({ job, plan }: Here): Promise<void> {
  for (const order of plan.start) {
    const why = await runOrder(order)
    if (why === null || order.mayFail) continue
    await undo(plan)
    throw new Problem({
      what: 'the schedule could not be started',
      why: `${order.command.join(' ')}: ${why}`,
      next: `${installSchedule(job.stack)} --dry-run`,
      left: 'nothing is installed; its files were taken away again',
    })
  }
}
