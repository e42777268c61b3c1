import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { diskProblem, refusal } from './durable-file-problem.ts'
import { createPrivate, fault, ownFile, syncFolder } from './durable-handle.ts'
import { isAlive } from './exchange-pid.ts'

// Everything here is synchronous on purpose: between two of these calls no signal handler and no other part of the program
// gets its turn, and the files are a few kilobytes.

const folderMode = 0o700
const isErrno = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code

/**
 * Replaces a file as a whole, 0600: at any moment, also after a power cut, the path holds the old text or the new one.
 * @throws Problem when the disk refuses, or when the path is a link, somebody else's or no regular file
 */
export function writeDurably(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`)
  try {
    ownFile(path)
    sweep(path)
    const handle = createPrivate(temporary)
    try {
      writeFileSync(handle, text)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(temporary, path)
    syncFolder(dirname(path))
  } catch (error) {
    tryRemove(temporary)
    throw diskProblem('write', path, error)
  }
}

/** Takes away what writers of this file left that were killed, and what this very process left. @throws the error of the disk */
export function sweep(path: string): void {
  const start = `.${basename(path)}.`
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(start) && /^(\d+)\.new$/.exec(name.slice(start.length))?.[1]
    if (pid && (Number(pid) === process.pid || !isAlive(Number(pid))))
      rmSync(join(dirname(path), name), { force: true })
  }
}

function tryRemove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // the error that led here is the one to tell; what stays is 0600 and swept by the next write
    return
  }
}

/** Reads one of our private files; null when there is none. @throws Problem as writeDurably */
export function readPrivate(path: string): string | null {
  try {
    return ownFile(path) && readFileSync(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null
    throw diskProblem('read', path, error)
  }
}

/** Removes a file, for good also after a power cut; one that is not there is no error. @throws Problem as writeDurably */
export function removeDurably(path: string): void {
  try {
    if (ownFile(path)) unlinkSync(path)
    syncFolder(dirname(path))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw diskProblem('remove', path, error)
  }
}

/**
 * Makes a folder for private files in one that exists: 0700, with a `.gitignore` of `*`.
 * @throws Problem when it is a link or somebody else's, or cannot be made
 */
export function ensurePrivateFolder(path: string): void {
  try {
    const isNew = makeFolder(path)
    const handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      const is = fstatSync(handle)
      const wrong = fault(is, 'folder')
      if (wrong) throw refusal(path, wrong)
      if ((is.mode & 0o7777) !== folderMode) fchmodSync(handle, folderMode)
    } finally {
      closeSync(handle)
    }
    if (isNew) syncFolder(dirname(path))
  } catch (error) {
    throw diskProblem('write', path, error)
  }
  const ignore = join(path, '.gitignore')
  if (readPrivate(ignore) !== '*\n') writeDurably(ignore, '*\n')
}

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: folderMode })
    return true
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    const is = lstatSync(path)
    const wrong = fault(is, 'folder')
    if (wrong) throw refusal(path, wrong)
    return false
  }
}
