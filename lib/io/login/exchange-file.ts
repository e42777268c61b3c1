import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Bank } from '../../invariant.ts'
import { createPrivate, syncFolder } from './durable-handle.ts'

/** Where an exchange keeps what it has. */
export type ExchangePaths = {
  folder: string
  /** the reply while the exchange runs; then, of an exchange that gave no login, what is known of it */
  temporary: string
  pid: string
  pending: string
  /** a reply that must never be pushed, by the time in ms at which it was put away */
  quarantine(nowMs: number): string
  /** all of them, since the exchange began that the pid file speaks of */
  quarantined(): string[]
}

/** @param folder the private folder of the bank on this Mac, `.reauth` */
export function exchangePaths(bank: Bank, folder: string): ExchangePaths {
  const pid = join(folder, `${bank}.exchange.pid`)
  return {
    folder,
    temporary: join(folder, `${bank}.exchange`),
    pid,
    pending: join(folder, `${bank}.pending.json`),
    quarantine: (nowMs) => join(folder, `${bank}.quarantine-${nowMs}.json`),
    quarantined: () => {
      const began = statSync(pid, { throwIfNoEntry: false })?.mtimeMs
      const time = (name: string): number =>
        Number(new RegExp(`^${bank}\\.quarantine-(\\d+)\\.json$`).exec(name)?.[1] ?? Number.NaN)
      if (began === undefined) return []
      return readdirSync(folder)
        .filter((name) => time(name) >= Math.floor(began))
        .map((name) => join(folder, name))
    },
  }
}

/** room for any reply; a bank's has less than 4 KB */
const reserved = 65_536

/** Blank: nothing was sent yet. A mark that is no JSON: sent, no answer yet. JSON: the answer. */
const mark = 'sending'
export const isBlank = (text: string): boolean => text.trim() === ''
export const isMark = (text: string): boolean => text.trim() === mark

/** The place on disk of a reply that is yet to come. */
export type ReplyFile = {
  /** says that the bank is about to be asked, for whoever finds the file after a crash */
  mark(): void
  /** writes the reply and flushes it; tries again for `patienceMs` when the disk refuses. @throws the system's error then */
  keep(text: string, patienceMs: number): Promise<void>
  /** gives the place back: nothing was sent. @throws the system's error */
  drop(): void
  close(): void
}

/**
 * Takes the place of the reply and its room on the disk: with a full disk, asking the bank would lose the login.
 * @throws the system's error, EEXIST when another exchange or a login that was not finished has it
 */
export function openReplyFile(paths: ExchangePaths): ReplyFile {
  const handle = createPrivate(paths.temporary)
  // A disk that is nearly full takes a part of it and says so only the next time.
  const put = (text: string): void => {
    const bytes = Buffer.from(text, 'utf8')
    for (let done = 0; done < bytes.length; )
      done += writeSync(handle, bytes, done, bytes.length - done, done)
  }
  try {
    if (lstatSync(paths.pending, { throwIfNoEntry: false }))
      throw Object.assign(new Error(paths.pending), { code: 'EEXIST' })
    put(' '.repeat(reserved))
    fsyncSync(handle)
    syncFolder(paths.folder)
  } catch (error) {
    closeSync(handle)
    unlinkSync(paths.temporary)
    throw error
  }
  return {
    mark() {
      put(mark)
      fsyncSync(handle)
    },
    async keep(text, patienceMs) {
      const until = performance.now() + patienceMs
      for (;;) {
        try {
          put(text)
          ftruncateSync(handle, Buffer.byteLength(text))
          return fsyncSync(handle)
        } catch (error) {
          if (performance.now() > until) throw error
          await wait(500)
        }
      }
    },
    drop: () => unlinkSync(paths.temporary),
    close: () => closeSync(handle),
  }
}

/** Gives a reply that is whole its name: a login that waits to be pushed. @throws the system's error */
export function promote({ temporary, pending, folder }: ExchangePaths): void {
  // Flushed once more: after a crash nobody knows whether it was.
  const handle = openSync(temporary, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(temporary, pending)
  syncFolder(folder)
}

/** Puts a reply away that must never be pushed and may be a login all the same. @returns its path @throws the system's error */
export function quarantine(paths: ExchangePaths, from: string): string {
  const to = paths.quarantine(Date.now())
  renameSync(from, to)
  syncFolder(paths.folder)
  return to
}
