import { dayMs } from '../../age.ts'
import { exitCode } from '../../exit-code.ts'
import { chronicle } from '../../watch/chronicle.ts'
import { historyJson } from '../../watch/history-json.ts'
import { renderHistory, renderNoHistory } from '../../watch/history-report.ts'
import { stackConfig } from '../config-cache.ts'
import { report } from '../problem-report.ts'
import { historyPath, readHistory } from './history-file.ts'
import { historyHelp } from './history-help.ts'
import { readArguments, readCount, takeNoWords } from './watch-arguments.ts'

const options = {
  days: { type: 'string' },
  json: { type: 'boolean' },
  stack: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** As long as anything is kept. */
export const mostDays = 400

/** `npm run history`: prints what looks have seen over time; returns the exit code. */
export async function history(argv: string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(argv, 'history', options)
    if (values.help) {
      console.log(historyHelp)
      return exitCode.asWanted
    }
    takeNoWords('history', positionals)
    const days = readCount('history', '--days', values.days, 1, mostDays) ?? null
    const stack = values.stack ?? 'z2'
    const config = await stackConfig(stack)
    const nowMs = Date.now()
    const noted = readHistory(config, stack)
    const told = chronicle(noted, [], days === null ? 0 : nowMs - days * dayMs)
    const place = { stack, host: config.host, path: historyPath(config, stack), nowMs }
    if (values.json) console.log(historyJson(told, { stack, host: config.host, bad: noted.bad }))
    else if (told) console.log(renderHistory(told, place, process.stdout.hasColors?.() ?? false))
    else console.log(renderNoHistory(noted, place, days))
    return exitCode.asWanted
  } catch (error) {
    return report(error)
  }
}
