import { closeSync, constants, fchmodSync, fsyncSync, lstatSync, openSync, type Stats } from 'node:fs'
import { refusal } from './durable-file-problem.ts'

const fileMode = 0o600

/** Why a file or folder may not be used as ours; undefined when it may. */
export function fault(is: Stats, kind: 'file' | 'folder'): string | undefined {
  if (is.isSymbolicLink()) return 'is a link'
  if (kind === 'folder' ? !is.isDirectory() : !is.isFile()) return `is not a ${kind}`
  if (is.uid !== process.geteuid?.()) return `belongs to uid ${is.uid}`
  if (kind === 'file' && is.nlink > 1) return `has ${is.nlink} hard links`
  return undefined
}

/** What is at a path, or null. @throws Problem when it is a link, somebody else's or no regular file */
export function ownFile(path: string): Stats | null {
  const is = lstatSync(path, { throwIfNoEntry: false })
  const wrong = is && fault(is, 'file')
  if (wrong) throw refusal(path, wrong)
  return is ?? null
}

/** Flushes the names in a folder: only then does a rename survive a power cut. @throws the system's error */
export function syncFolder(path: string): void {
  const handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Opens a file that must not exist yet, 0600 whatever the umask, for writing. @throws the system's error */
export function createPrivate(path: string): number {
  const handle = openSync(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    fileMode,
  )
  fchmodSync(handle, fileMode)
  return handle
}
