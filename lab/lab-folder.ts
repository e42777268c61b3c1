import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mountsBelow, parseMounts } from '../lib/mount.ts'
import { Problem } from '../lib/problem.ts'
import { pathInCommand } from '../lib/quote.ts'

const mountinfo = '/proc/self/mountinfo'

/**
 * Removes the folder of a lab that has ended.
 * @throws Problem where somebody has mounted something inside: what lies there is not the lab's, and would go with it
 */
export function removeLab(folder: string): void {
  const mounts = existsSync(mountinfo) ? parseMounts(readFileSync(mountinfo, 'utf8').split('\n')) : []
  // the innermost first, as they can be unmounted
  const within = mountsBelow(mounts, folder)
    .map(({ at }) => at)
    .reverse()
  if (within.length > 0)
    throw new Problem({
      what: `${folder} cannot be removed`,
      why: `something is mounted at ${within.join(' and ')}`,
      next: `umount ${within.map(pathInCommand).join(' ')} && npm run lab -- down`,
      left: 'the lab has ended; its folder is as it was',
    })
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
