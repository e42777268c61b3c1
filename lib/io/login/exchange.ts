import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { exitCode } from '../../exit-code.ts'
import type { Bank } from '../../invariant.ts'
import { type ExchangeOutcome, outcomeText } from '../../login/outcome-text.ts'
import { Problem } from '../../problem.ts'
import { ensurePrivateFolder } from './durable-file.ts'
import { diskProblem } from './durable-file-problem.ts'
import type { Endpoints } from './endpoint.ts'
import { exchangePaths } from './exchange-file.ts'
import type { ExchangeOrder } from './exchange-order.ts'
import { writePid } from './exchange-process.ts'
import { journalFolder } from './journal-file.ts'
import { forgetExchange, recoverOutcome } from './recover.ts'

export type { ExchangeOutcome } from '../../login/outcome-text.ts'
export { recoverExchange } from './recover.ts'

const program = join(import.meta.dirname, 'exchange-child.ts')
/** for the connection, and again for the bank's answer */
const limitMs = 30_000
/** What the process may know of our environment: where certificates are, and where its modules lie compiled. */
const passed = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_COMPILE_CACHE',
  'NODE_COMPILE_CACHE_PORTABLE',
]

/** One exchange. `parameters` is the query that the browser brought back; `limitMs` is for tests. */
export type Exchange = {
  bank: Bank
  /** the bank's folder on this Mac */
  folder: string
  parameters: string
  state: string
  redirectUri: string
  client: { id: string; secret: string }
  endpoints: Pick<Endpoints, 'authorizationEndpoint' | 'tokenEndpoint'>
  scopes: string | null
  verifier: string | null
  limitMs?: number
}

/**
 * Exchanges a code for tokens in a process of its own, which goes on when this one ends; `recoverExchange` then finds out
 * what became of it. Never throws away what may be a login. After `trouble` that was not sent, the same code may be tried again.
 * @throws Problem when the disk refuses before anything is sent, or when an earlier login waits here
 */
export async function exchange(of: Exchange): Promise<ExchangeOutcome> {
  const { bank, folder } = of
  const outcome = (await told(await prepared(of))) ?? (await found(bank, folder))
  // What is over needs no witness; what was lost or put away is kept until somebody has taken note of it.
  if (!['lost', 'quarantined'].includes(outcome.kind)) forgetExchange(bank, folder)
  return outcome
}

async function prepared({ bank, folder, endpoints, ...rest }: Exchange): Promise<ChildProcess> {
  const paths = exchangePaths(bank, journalFolder(folder))
  const { authorizationEndpoint, tokenEndpoint } = endpoints
  const where = { bank, folder: paths.folder, authorizationEndpoint, tokenEndpoint }
  beforeAsking(() => ensurePrivateFolder(paths.folder))
  if ((await recoverOutcome(bank, folder)).kind === 'pending') throw unfinished(bank, paths.pending)
  return beforeAsking(() => {
    forgetExchange(bank, folder)
    return begin({ limitMs, ...rest, ...where }, paths.pid)
  })
}

/** What a disk that refuses leaves behind is more here than that a file is as it was. */
function beforeAsking<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const left = 'nothing was exchanged; the chain on ct109 is untouched'
    throw new Problem({ ...error.lines, left }, error.exitCode)
  }
}

/** What the disk tells of a process that ended without a word. */
async function found(bank: Bank, folder: string): Promise<ExchangeOutcome> {
  const outcome = await recoverOutcome(bank, folder)
  return outcome.kind === 'none' ? { kind: 'trouble', says: outcomeText.notStarted, sent: false } : outcome
}

/** Starts the process. Its id is on the disk before it is told anything, so that nobody can miss one that works. */
function begin(order: ExchangeOrder, pidFile: string): ChildProcess {
  const env = Object.fromEntries(
    passed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  )
  const child = spawn(process.execPath, [program], {
    detached: true,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin?.on('error', () => undefined) // it died before it read: what it said, or the disk, tells
  child.on('error', () => undefined) // it could not be started: the same
  try {
    if (child.pid !== undefined) writePid(pidFile, child.pid)
  } catch (error) {
    child.stdin?.destroy()
    throw diskProblem('write', pidFile, error)
  }
  child.stdin?.end(JSON.stringify(order))
  return child
}

/** What the process says of itself; null when it ended without a word. */
async function told(child: ChildProcess): Promise<ExchangeOutcome | null> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  if (child.pid === undefined) return null
  await once(child, 'close')
  // It is our own program, and what it says is whole or not there: one line.
  return text.endsWith('\n') ? (JSON.parse(text) as ExchangeOutcome) : null
}

const unfinished = (bank: Bank, pending: string): Problem =>
  new Problem(
    {
      what: 'an earlier login was not finished',
      why: `its tokens wait in ${pending}`,
      next: `npm run push -- ${bank}`,
      left: 'nothing was exchanged; the login that waits is whole',
    },
    exitCode.failed,
  )
