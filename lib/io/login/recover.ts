import { rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { exitCode } from '../../exit-code.ts'
import type { Bank } from '../../invariant.ts'
import type { ExchangeOutcome } from '../../login/outcome-text.ts'
import { parseStoredReply, type StoredReply } from '../../login/token-reply.ts'
import { Problem } from '../../problem.ts'
import { readPrivate, removeDurably } from './durable-file.ts'
import { diskProblem } from './durable-file-problem.ts'
import { exchangePaths, isBlank, isMark, quarantine } from './exchange-file.ts'
import { exchangeAtWork } from './exchange-process.ts'
import { type Settled, settle } from './exchange-settle.ts'
import { journalFolder } from './journal-file.ts'

/** how long a process that still works is waited for */
const waitMs = 60_000

/** `none`: the bank was not asked, or it gave nothing, which `says` then tells. */
export type Recovered =
  | { kind: 'pending' }
  | { kind: 'none'; says: string | null }
  | Extract<ExchangeOutcome, { kind: 'lost' | 'quarantined' }>

/**
 * What an exchange came to that nobody waited for, from the disk alone; a process that still works is waited for. Says the
 * same when it is asked again. `lost`: the bank was asked and its answer is not here, so the chain that CT109 holds may be over.
 * @throws Problem when the process lives on after a minute, or the disk refuses; nothing is lost then
 */
export async function recoverExchange(bank: Bank, folder: string, patienceMs = waitMs): Promise<Recovered> {
  const found = await recoverOutcome(bank, folder, patienceMs)
  if (found.kind === 'pending' || found.kind === 'lost' || found.kind === 'quarantined') return found
  return { kind: 'none', says: found.kind === 'none' ? null : found.says }
}

/** The same, with a reply that gave nothing told apart. @throws Problem as recoverExchange */
export async function recoverOutcome(bank: Bank, folder: string, patienceMs = waitMs): Promise<Settled> {
  const paths = exchangePaths(bank, journalFolder(folder))
  const until = performance.now() + patienceMs
  for (let pid = exchangeAtWork(paths.pid); pid !== null; pid = exchangeAtWork(paths.pid)) {
    if (performance.now() > until) throw stillRunning(bank, pid, patienceMs)
    await wait(200)
  }
  return settle(paths)
}

/**
 * Clears away what tells of the last exchange, once its outcome is known and written down elsewhere. A login that waits
 * stays, and so does every byte that a bank has sent in its place. Does nothing while an exchange is at work.
 * @throws Problem when the disk refuses
 */
export function forgetExchange(bank: Bank, folder: string): void {
  const paths = exchangePaths(bank, journalFolder(folder))
  if (exchangeAtWork(paths.pid) !== null) return
  const found = readPrivate(paths.temporary)
  if (found !== null) {
    const isEmpty = isBlank(found) || isMark(found)
    const status = parseStoredReply(found)?.status ?? 200
    try {
      if (isEmpty || status >= 300) removeDurably(paths.temporary)
      else quarantine(paths, paths.temporary)
    } catch (error) {
      throw diskProblem('remove', paths.temporary, error)
    }
  }
  rmSync(paths.pid, { force: true })
}

/** The reply that waits to become a token file; null when none does. @throws Problem when it cannot be read */
export function readPending(bank: Bank, folder: string): StoredReply | null {
  return parseStoredReply(readPrivate(exchangePaths(bank, journalFolder(folder)).pending) ?? '')
}

/** Removes the reply that waits, once the token file is made of it or nobody wants it. @throws Problem when the disk refuses */
export function removePending(bank: Bank, folder: string): void {
  removeDurably(exchangePaths(bank, journalFolder(folder)).pending)
}

const stillRunning = (bank: Bank, pid: number, patienceMs: number): Problem =>
  new Problem(
    {
      what: 'the exchange of the last login is not over yet',
      why: `its process ${pid} did not end within ${Math.round(patienceMs / 1000)} s`,
      next: `ps -o pid,stat,etime,args -p ${pid}`,
      left: `whatever it gets goes to this Mac's disk; npm run reauth -- ${bank} then carries on`,
    },
    exitCode.failed,
  )
