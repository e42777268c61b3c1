import { Problem } from '../lib/problem.ts'
import { askPulumi, type Workplace } from './pulumi-run.ts'
import { pendingCreates } from './state-file.ts'

/**
 * Removes from the state what an `up` that was killed began to create: it is looked at anew like all the rest.
 * Resolves to the one line that says so, or undefined where there was nothing.
 * @throws Problem where the engine refuses
 */
export async function clearPendingCreates(place: Workplace, stack: string): Promise<string | undefined> {
  const names = pendingCreates(place.dir, stack)
  if (names.length === 0) return undefined
  const args = ['refresh', '--yes', '--skip-preview', '--clear-pending-creates', '--stack', stack]
  const { code, tail } = await askPulumi(place, args)
  if (code !== 0)
    throw new Problem({
      what: `what an interrupted up began on ${stack} could not be cleared from the state`,
      why: tail,
      next: `pulumi ${args.join(' ')}`,
      left: 'nothing was changed on any machine',
    })
  return `an up was cut short while it recorded ${names.join(', ')}: cleared, and looked at anew`
}
