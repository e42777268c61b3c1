import { closeSync, constants, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** SQLITE_BUSY (sqlite.org/rescode.html): somebody else has it. */
const busy = 5

/**
 * Takes a lock that one process has at a time. It is SQLite's, on an empty database: a lock of the kernel, which is gone
 * when its holder is, however that ended. Node has no flock of its own.
 * @param path an empty file, made where it is not there; its folder must be there
 * @param waitMs as long as another holder is waited for
 * @returns what gives it back, or null when somebody else has it still
 */
export function takeFileLock(path: string, waitMs: number): (() => void) | null {
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
  const database = new DatabaseSync(path, { timeout: waitMs })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === busy) return null
    throw error
  }
  return () => database.close()
}
