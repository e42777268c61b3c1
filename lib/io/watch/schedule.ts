import { exitCode } from '../../exit-code.ts'
import { stackConfig } from '../config-cache.ts'
import { report } from '../problem-report.ts'
import { scheduleHelp } from './schedule-help.ts'
import { planHere } from './schedule-here.ts'
import { install } from './schedule-install.ts'
import { remove } from './schedule-remove.ts'
import { show } from './schedule-show.ts'
import { misused, readArguments, readCount } from './watch-arguments.ts'

const options = {
  every: { type: 'string' },
  'dry-run': { type: 'boolean' },
  stack: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const verbs = { install, remove, show }

/** `npm run schedule`: returns the exit code. */
export async function schedule(argv: string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(argv, 'schedule', options)
    if (values.help) {
      console.log(scheduleHelp)
      return exitCode.asWanted
    }
    const [verb = '', stray] = positionals
    if (!Object.hasOwn(verbs, verb) || stray !== undefined)
      throw misused('schedule', 'it takes one word: install, remove or show')
    const stack = values.stack ?? 'z2'
    const config = await stackConfig(stack)
    const asked = readCount('schedule', '--every', values.every, 1, 1440)
    const here = planHere(config, stack, asked)
    return await verbs[verb as keyof typeof verbs](here, values['dry-run'] ?? false)
  } catch (error) {
    return report(error)
  }
}
