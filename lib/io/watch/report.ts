import { createHash } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { declare } from '../../../stacks/declaration.ts'
import { dayMs } from '../../age.ts'
import type { Config } from '../../config.ts'
import { exitCode } from '../../exit-code.ts'
import { chronicle } from '../../watch/chronicle.ts'
import { renderPage } from '../../watch/page.ts'
import { pageStyle } from '../../watch/page-style.ts'
import { stackConfig } from '../config-cache.ts'
import { diskProblem } from '../login/durable-file-problem.ts'
import { report as reportProblem } from '../problem-report.ts'
import { mostDays } from './history.ts'
import { historyPath, readHistory } from './history-file.ts'
import { ensureFolder } from './history-folder.ts'
import { reportHelp } from './report-help.ts'
import { misused, readArguments, readCount, takeNoWords } from './watch-arguments.ts'

const options = {
  days: { type: 'string' },
  out: { type: 'string' },
  stack: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const usualDays = 30

/** `npm run report`: writes the page and prints where it is; returns the exit code. */
export async function report(argv: string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(argv, 'report', options)
    if (values.help) {
      console.log(reportHelp)
      return exitCode.asWanted
    }
    takeNoWords('report', positionals)
    if (values.out === '') throw misused('report', '--out needs the name of a file')
    const days = readCount('report', '--days', values.days, 1, mostDays) ?? usualDays
    const stack = values.stack ?? 'z2'
    const config = await stackConfig(stack)
    const text = pageOf(config, stack, days, Date.now())
    if (values.out === '-') process.stdout.write(text)
    else console.log(write(values.out, config, stack, text))
    return exitCode.asWanted
  } catch (error) {
    return reportProblem(error)
  }
}

function pageOf(config: Config, stack: string, days: number, nowMs: number): string {
  const noted = readHistory(config, stack)
  const ids = declare(config).invariants.map(({ id }) => id)
  const told = chronicle(noted, ids, nowMs - days * dayMs)
  const styleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`
  const container = `ct${config.containerId} ${config.containerName}`
  return renderPage(told, { host: config.host, stack, container, madeMs: nowMs, styleHash }, noted.bad)
}

/** Writes it for its person alone, as a whole or not at all; npm says where the person stands. Returns the path. */
function write(out: string | undefined, config: Config, stack: string, text: string): string {
  const beside = historyPath(config, stack).replace(/\.jsonl$/, '.html')
  const path = out === undefined ? beside : resolve(process.env.INIT_CWD ?? '', out)
  const temporary = `${path}.${process.pid}.new`
  try {
    if (out === undefined) ensureFolder(dirname(path))
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
    return path
  } catch (error) {
    rmSync(temporary, { force: true })
    throw diskProblem('write', path, error)
  }
}
