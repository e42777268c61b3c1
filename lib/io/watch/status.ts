import type { Config } from '../../config.ts'
import { exitCode } from '../../exit-code.ts'
import { Problem } from '../../problem.ts'
import type { Entry } from '../../watch/entry.ts'
import type { Status } from '../../watch/status.ts'
import { stackConfig } from '../config-cache.ts'
import { observe } from '../observe.ts'
import { report } from '../problem-report.ts'
import { statusHelp } from './status-help.ts'
import { misused, readArguments, readCount, takeNoWords } from './watch-arguments.ts'

const options = {
  json: { type: 'boolean' },
  watch: { type: 'boolean' },
  every: { type: 'string' },
  stack: { type: 'string' },
  all: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const everySeconds = 15
// The connection is kept for 60 s after a look, so the next one must begin before that.
const [least, most] = [2, 50]

/** `npm run status`: prints one screen, or keeps one up to date; returns the exit code. */
export async function status(argv: string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(argv, 'status', options)
    const { json = false, stack = 'z2' } = values
    if (values.help) {
      console.log(statusHelp)
      return exitCode.asWanted
    }
    takeNoWords('status', positionals)
    if (values.every !== undefined && !values.watch)
      throw misused('status', '--every is the time between two looks of --watch, which is not there')
    const seconds = readCount('status', '--every', values.every, least, most) ?? everySeconds
    if (values.all) {
      if (values.watch || values.stack !== undefined)
        throw misused('status', `--all and ${values.watch ? '--watch' : '--stack'} do not go together`)
      const { statusOfAll } = await import('./status-all.ts')
      return await statusOfAll(json)
    }
    const config = await stackConfig(stack)
    if (values.watch) {
      const { keepUp } = await import('./live-status.ts')
      return await keepUp(() => lookNow(config, stack), { config, stack, json, seconds })
    }
    const { status: found, entry } = await lookNow(config, stack)
    const [{ renderStatus }, { remember }] = await Promise.all([
      import('../../watch/status-report.ts'),
      import('./memory.ts'),
    ])
    console.log(
      json ? JSON.stringify(found, null, 2) : renderStatus(found, process.stdout.hasColors?.() ?? false),
    )
    remember(config, stack, entry)
    return found.exitCode
  } catch (error) {
    return report(error)
  }
}

/** One look as a screen and as the history keeps it. */
export type Looked = { status: Status; entry: Entry }

/**
 * One look of a person's. A Z2 that cannot be looked at is a status too.
 * @throws Problem (64) for a configuration that is not valid
 */
export async function lookNow(config: Config, stack: string): Promise<Looked> {
  const started = Date.now()
  const observed = observe(config, stack)
  // Loaded while ssh connects; what goes wrong meanwhile is thrown where it is awaited.
  observed.catch(() => undefined)
  const [{ statusOf }, { lookEntry }, { recall }] = await Promise.all([
    import('../../watch/status.ts'),
    import('../../watch/look-entry.ts'),
    import('./memory.ts'),
  ])
  const { everyMinutes } = config.watch
  const history = recall(config, stack)
  try {
    const seen = await observed
    return { status: statusOf(seen, history, everyMinutes), entry: lookEntry(seen, 'status') }
  } catch (error) {
    if (!(error instanceof Problem) || error.exitCode !== exitCode.couldNotLook) throw error
    const { blindLook } = await import('./blind-look.ts')
    return blindLook(config, stack, error.lines, history, started)
  }
}
