import type { Config } from '../config.ts'
import { stagingDir } from '../config.ts'

/** The staging folder as Z2 names it. */
export const stagingPath = (config: Config): string => `${config.hostRoot}${stagingDir(config)}`

/**
 * Where a staged file lies.
 * @throws Error for anything but a plain name: nothing is ever written elsewhere
 */
export function stagedPath(config: Config, name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new Error('a staged file has a plain name')
  return `${stagingPath(config)}/${name}`
}

/**
 * Who may own the staging folder: root, and in the simulation, where every path is below a root of its own, whoever
 * started it.
 * @param uid of this process
 */
export const stagingOwners = ({ hostRoot }: Config, uid: number): number[] =>
  hostRoot === '' ? [0] : [0, uid]

/** What of a folder or file counts here, as lstat(2) tells it. */
export type Attributes = { mode: number; uid: number }

const kindMask = 0o170_000
const folderKind = 0o040_000
const fileKind = 0o100_000
const linkKind = 0o120_000

/** What is wrong with the staging folder, as a clause that follows its path; null when nothing is. */
export function folderFault(found: Attributes | null, owners: number[]): string | null {
  if (found === null) return 'is not there'
  const kind = found.mode & kindMask
  if (kind === linkKind) return 'is a link'
  if (kind !== folderKind) return 'is not a folder'
  if (!owners.includes(found.uid)) return `belongs to uid ${found.uid}, not to root`
  const mode = found.mode & 0o7777
  return (mode & 0o077) === 0 ? null : `is open to others (mode ${mode.toString(8).padStart(4, '0')})`
}

/** Why what lies in a file's place must not be replaced; null when it may be, or when nothing is there. */
export function fileFault(found: Attributes | null): string | null {
  if (found === null) return null
  const kind = found.mode & kindMask
  if (kind === linkKind) return 'is a link'
  return kind === fileKind ? null : 'is not a regular file'
}
