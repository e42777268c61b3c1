import { join } from 'node:path'
import { clock } from '../../age.ts'
import type { Config } from '../../config.ts'
import { exitCode } from '../../exit-code.ts'
import { outcome } from '../../outcome.ts'
import { Problem } from '../../problem.ts'
import { type Outlook, type Telling, telling } from '../../watch/change.ts'
import type { Entry } from '../../watch/entry.ts'
import { lookEntry } from '../../watch/look-entry.ts'
import { sightOf } from '../../watch/trouble.ts'
import { stackConfig } from '../config-cache.ts'
import { observe } from '../observe.ts'
import { report } from '../problem-report.ts'
import { deliver } from './delivery.ts'
import { takeFileLock } from './file-lock.ts'
import { historyFolder } from './history-file.ts'
import { ensureFolder } from './history-folder.ts'
import { boundLog } from './log-file.ts'
import { recall, remember } from './memory.ts'
import { misused, readArguments } from './watch-arguments.ts'

// What the schedule runs. Nothing is remembered but the history, so a machine may end at any line of this: an entry that
// is missing makes the next look tell it again, and never keeps it from telling.

/** One look of the schedule. Prints a line or two, for a log; returns the exit code of the look. */
export async function watch(argv: string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(argv, 'schedule', {
      stack: { type: 'string' },
      log: { type: 'string' },
    })
    const [stray] = positionals
    if (stray !== undefined)
      throw misused('schedule', `a look takes no words, and got ${JSON.stringify(stray)}`)
    if (values.log !== undefined) boundLog(values.log)
    const stack = values.stack ?? 'z2'
    const config = await stackConfig(stack)
    const release = takeTurn(config, stack)
    if (!release) {
      say('another look of the schedule is under way')
      return exitCode.asWanted
    }
    try {
      return await lookOnce(config, stack)
    } finally {
      release()
    }
  } catch (error) {
    return report(error)
  }
}

async function lookOnce(config: Config, stack: string): Promise<number> {
  const history = recall(config, stack)
  const nowMs = Date.now()
  const { entry, outlook, code } = await lookNow(config, stack)
  remember(config, stack, entry)
  say(`${config.host} · ${'troubles' in outlook ? `${outlook.holds} hold` : outlook.why}`)
  const { failures, remindAt } = config.watch
  const found = telling(history, outlook, { stack, host: config.host, nowMs, failures, remindAt })
  if (found) await tell(found, config, stack)
  return code
}

type Looked = { entry: Entry; outlook: Outlook; code: number }

async function lookNow(config: Config, stack: string): Promise<Looked> {
  try {
    const observed = await observe(config, stack)
    const code = outcome(observed.look.findings)
    return { entry: lookEntry(observed, 'schedule'), outlook: sightOf(observed), code }
  } catch (error) {
    if (!(error instanceof Problem) || error.exitCode !== exitCode.couldNotLook) throw error
    const { why } = error.lines
    const entry: Entry = { v: 1, at: new Date().toISOString(), kind: 'unseen', by: 'schedule', why }
    return { entry, outlook: error.lines, code: error.exitCode }
  }
}

async function tell({ message, open, only }: Telling, config: Config, stack: string): Promise<void> {
  const { how, failed } = await deliver(message, config, only)
  for (const { way, why } of failed) console.error(`not told by ${way}: ${why}. the next look tries again`)
  const by = how.length > 0 ? `told by ${how.join(', ')}` : failed.length > 0 ? 'not told' : 'no way to tell'
  say(`${by}: ${message.title}`)
  // Where no way took it, nobody has been told.
  if (how.length === 0) return
  const told = { what: message.title, how, failed: failed.map(({ way }) => way), open }
  remember(config, stack, { v: 1, at: new Date().toISOString(), kind: 'told', ...told })
}

/** Two looks of one schedule never overlap; null while there is another. */
function takeTurn(config: Config, stack: string): (() => void) | null {
  const folder = historyFolder(config)
  try {
    ensureFolder(folder)
    return takeFileLock(join(folder, `.${stack}.look.lock`), 0)
  } catch {
    // A folder that cannot be used is said by the history, and keeps nobody from looking.
    return () => undefined
  }
}

const say = (line: string): void => {
  const nowMs = Date.now()
  const day = new Date(nowMs).toDateString().slice(4, 10)
  console.log(`${day} ${clock(nowMs, nowMs)} ${line}`)
}
