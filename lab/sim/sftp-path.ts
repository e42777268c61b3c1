import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Place } from './place.ts'
import { raise } from './sftp-attribute.ts'

/** How far SFTP reaches: relative paths count from the checkout, as for commands, and nothing outside the lab is touched. */
export type Reach = {
  /** the path itself: the folder it lies in is followed, its last part is not */
  inside(path: string): Promise<string>
  /** the file behind it */
  followed(path: string): Promise<string>
  /** the file behind it, or where it would be */
  openable(path: string): Promise<string>
}

/** Each function throws EACCES for what lies outside, and the system's own errors. */
export function reachOf(place: Place): Reach {
  const inside = async (path: string): Promise<string> => {
    const wanted = resolve(place.checkout, path)
    const lab = await realpath(place.lab)
    const real = join(await realpath(dirname(wanted)), basename(wanted))
    return real === lab || real.startsWith(lab + sep) ? real : raise('EACCES')
  }
  const followed = async (path: string): Promise<string> => inside(await realpath(await inside(path)))
  const openable = async (path: string): Promise<string> =>
    followed(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return inside(path)
    })
  return { inside, followed, openable }
}
