import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

// The holder touches the lock this often; one that was not touched for five times as long, by the clock of who waits,
// belongs to nobody (its machine is gone: on this machine a dead process is seen at once).
const touchMs = 3000
const deadMs = 15_000
const lookMs = 250

type Holder = { pid: number; host: string }
const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

function isGone({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function readHolder(path: string): (Holder & { touched: number }) | undefined {
  try {
    const { mtimeMs } = statSync(path)
    return { ...(JSON.parse(readFileSync(path, 'utf8')) as Holder), touched: mtimeMs }
  } catch (error) {
    if (isMissing(error)) return undefined
    if (error instanceof SyntaxError) return { pid: 0, host: '', touched: 0 } // being written this moment
    throw error
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock that nobody holds. Renamed first: of two that find it, one removes it and none removes a new one. */
function clear(path: string, holder: Holder): void {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  const moved = readHolder(aside)
  if (moved && (moved.pid !== holder.pid || moved.host !== holder.host)) renameSync(aside, path)
  else rmSync(aside, { force: true })
}

/**
 * Waits until this process holds the lock of `dir`, and resolves to what gives it back. Who waits is told of the
 * holder through `waiting`. A lock left by a process that is gone is taken over.
 */
export async function takeLock(dir: string, waiting: (holder: string) => void): Promise<() => void> {
  mkdirSync(dir, { recursive: true })
  const path = `${dir}/lock`
  let seen = { touched: 0, at: performance.now() }
  while (!take(path)) {
    const holder = readHolder(path)
    if (holder && holder.touched !== seen.touched) seen = { touched: holder.touched, at: performance.now() }
    if (holder && (isGone(holder) || performance.now() - seen.at > deadMs)) clear(path, holder)
    else {
      if (holder) waiting(`process ${holder.pid}`)
      await sleep(lookMs)
    }
  }
  const touch = setInterval(() => utimesSync(path, new Date(), new Date()), touchMs)
  touch.unref()
  return () => {
    clearInterval(touch)
    rmSync(path, { force: true })
  }
}
