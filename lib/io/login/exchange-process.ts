import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, writeFileSync } from 'node:fs'
import { readPrivate } from './durable-file.ts'
import { createPrivate } from './durable-handle.ts'
import { isAlive } from './exchange-pid.ts'

/** Is that process one of ours, and alive? After a reboot its id may be anybody's. */
function isExchange(pid: number): boolean {
  if (!isAlive(pid)) return false
  try {
    const args = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    return args.includes('exchange-child')
  } catch (error) {
    // Without ps: it lives, and that is all there is to know. With it: it ended just now.
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** The process that a pid file speaks of, as long as it is at work; null when nobody is. @throws Problem when it cannot be read */
export function exchangeAtWork(path: string): number | null {
  const pid = Number(readPrivate(path) ?? 0)
  return pid > 0 && isExchange(pid) ? pid : null
}

/** Writes a pid file that must not exist yet: two exchanges at once would be in each other's way. @throws the system's error */
export function writePid(path: string, pid: number): void {
  const handle = createPrivate(path)
  try {
    writeFileSync(handle, `${pid}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
