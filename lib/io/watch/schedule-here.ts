import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Config } from '../../config.ts'
import { intervalOf, minutesIn, possible } from '../../watch/interval.ts'
import type { Home, Job, Plan } from '../../watch/job.ts'
import { launchdPlan } from '../../watch/launch-agent.ts'
import { systemdPlan } from '../../watch/systemd-timer.ts'
import { projectDir } from '../project.ts'
import { historyFolder } from './history-file.ts'
import { misused } from './watch-arguments.ts'

/** The schedule of one stack on this machine: what it runs, and how it is installed, shown and removed. */
export type Here = {
  config: Config
  job: Job
  plan: Plan
  isMac: boolean
  /** minutes between two looks of the one that is installed; null where none is */
  installed: number | null
}

/**
 * The schedule as it would be installed now.
 * @param asked minutes between two looks, where somebody asked for some
 * @throws Problem (64) when they divide neither an hour nor a day
 */
export function planHere(config: Config, stack: string, asked?: number): Here {
  const isMac = process.platform === 'darwin'
  const job = jobHere(config, stack, asked ?? config.watch.everyMinutes)
  const plan = isMac ? launchdPlan(job, homeHere()) : systemdPlan(job, homeHere())
  return { config, job, plan, isMac, installed: installedMinutes(plan) }
}

function installedMinutes({ files }: Plan): number | null {
  const texts = files.map(({ path }) => textAt(path)).filter((text) => text !== null)
  if (texts.length === 0) return null
  return minutesIn(texts.join('\n')) ?? 0
}

function jobHere(config: Config, stack: string, everyMinutes: number): Job {
  const interval = intervalOf(everyMinutes)
  if (!interval) {
    const near = possible.toSorted((a, b) => Math.abs(a - everyMinutes) - Math.abs(b - everyMinutes))
    const [one, other] = near.slice(0, 2).sort((a, b) => a - b)
    throw misused(
      'schedule',
      `${everyMinutes} minutes divide neither an hour nor a day; ${one} and ${other} are the nearest that do`,
    )
  }
  return {
    stack,
    host: config.host,
    interval,
    node: process.execPath,
    project: projectDir,
    path: pathHere(),
    log: join(historyFolder(config), `${stack}.log`),
  }
}

function homeHere(): Home {
  const home = homedir()
  const base = (name: string, usual: string): string => {
    const set = process.env[name] ?? ''
    return isAbsolute(set) ? set : join(home, usual)
  }
  return {
    home,
    uid: process.getuid?.() ?? 0,
    configHome: base('XDG_CONFIG_HOME', '.config'),
    dataHome: base('XDG_DATA_HOME', '.local/share'),
  }
}

/** PATH without what npm has put before it for its own scripts. */
const pathHere = (): string => {
  const parts = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute)
  const own = parts.filter((part) => !/\/node_modules(\/|$)/.test(part))
  return [...new Set([...own, '/usr/bin', '/bin'])].join(delimiter)
}

/** The text of a file, null where there is none. */
export const textAt = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null)
