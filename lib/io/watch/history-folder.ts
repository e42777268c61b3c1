import { lstatSync, mkdirSync } from 'node:fs'
import { fault } from '../login/durable-handle.ts'

/**
 * Makes the folder of the histories, 0700, with the folders above it.
 * @throws Error that says why one that is there cannot be used; its mode is left as it is, since it may hold more than this
 */
export function ensureFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const is = lstatSync(path)
  const wrong = fault(is, 'folder') ?? (is.mode & 0o022 ? 'can be written to by others' : undefined)
  if (wrong) throw new Error(`its folder ${wrong}`)
}

/**
 * Whether one of our files is there.
 * @throws Error that says why what is there is not to be trusted or not to be written to
 */
export function checkPrivate(path: string): boolean {
  const is = lstatSync(path, { throwIfNoEntry: false })
  const wrong = is && (fault(is, 'file') ?? (is.mode & 0o022 ? 'can be written to by others' : undefined))
  if (wrong) throw new Error(`it ${wrong}`)
  return is !== undefined
}
