import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { placeAt } from '../sim/place.ts'

/** Where everything of one real lab lies. `.lab` holds the same files as the simulation's. */
export type RealPlace = ReturnType<typeof realPlaceAt>

/** hex digits that tell one checkout's lab from another's; `ve-z2-` and they must fit an interface name, 15 letters */
const digits = 8

/** The real lab of a checkout. Its name is the same whenever it is asked for, so that what a crash left is found again. */
export function realPlaceAt(checkout: string, folder = '.lab') {
  const place = placeAt(checkout, folder)
  const { lab } = place
  const path = join(realpathSync(dirname(lab)), basename(lab))
  const id = createHash('sha256').update(path).digest('hex').slice(0, digits)
  return {
    ...place,
    id,
    /** of the machine, as systemd-nspawn has it */
    name: `z2-${id}`,
    /** systemd-nspawn's name for the outer end of the machine's cable */
    cable: `ve-z2-${id}`,
    /** of the cgroup that every process of this lab is in */
    group: `bulma-lab-${id}`,
    record: join(lab, 'real.json'),
    log: join(lab, 'real.log'),
    /** outside `.lab`, which comes and goes */
    lock: join('/run/lock/bulma-infra-lab', id),
    /** what is laid over the image at the start */
    stage: join(lab, 'stage'),
  }
}
