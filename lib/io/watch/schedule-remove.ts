import { existsSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exitCode } from '../../exit-code.ts'
import { inCommand } from '../../quote.ts'
import type { Plan } from '../../watch/job.ts'
import { historyFolder, historyPath } from './history-file.ts'
import type { Here } from './schedule-here.ts'
import { runCommand } from './scheduler.ts'

/** Ends the schedule and takes its files away, whatever is left of it. The history is the person's and stays. */
export async function remove({ config, job, plan, installed }: Here, isRehearsal: boolean): Promise<number> {
  const ours = [...plan.traces, join(historyFolder(config), `.${job.stack}.look.lock`)]
  if (isRehearsal) {
    const files = [...plan.files.map(({ path }) => path), ...ours].map((path) => ['rm', '-f', path])
    const orders = [...plan.stop.map(({ command }) => command), ...files]
    const after = plan.forget.map(({ command }) => command)
    console.log(
      ['# would be run', ...[...orders, ...after].map((one) => one.map(inCommand).join(' '))].join('\n'),
    )
    return exitCode.asWanted
  }
  await undo(plan)
  for (const path of ours) rmSync(path, { force: true })
  console.log(installed === null ? 'there was no schedule to remove' : 'removed')
  const path = historyPath(config, job.stack)
  if (existsSync(path)) console.log(`the history stays: ${path}`)
  return exitCode.asWanted
}

/** Ends what runs, and removes the files and the folders that hold nothing else. */
export async function undo(plan: Plan): Promise<void> {
  for (const { command } of plan.stop) await runCommand(command)
  for (const { path } of plan.files) rmSync(path, { force: true })
  for (const { command } of plan.forget) await runCommand(command)
  for (const folder of plan.folders) removeEmpty(folder)
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    // Not there, or something else is in it: both are as they should be.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) throw error
  }
}
