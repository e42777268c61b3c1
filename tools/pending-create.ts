import { Problem } from '../lib/problem.ts'
import type { Backend } from './backend.ts'
import { askPulumi, type Workplace } from './pulumi-run.ts'
import { pendingCreates, pendingInExport } from './state-file.ts'

/**
 * Removes from the state what an `up` that was killed began to create: it is looked at anew like all the rest.
 * Resolves to the one line that says so, or undefined where there was nothing.
 * @throws Problem where the engine refuses
 */
export async function clearPendingCreates(
  place: Workplace,
  stack: string,
  { isOurs }: Backend,
): Promise<string | undefined> {
  const names = isOurs ? pendingCreates(place.dir, stack) : await pendingThere(place, stack)
  if (names.length === 0) return undefined
  const args = ['refresh', '--yes', '--skip-preview', '--clear-pending-creates', '--stack', stack]
  const { code, tail } = await askPulumi(place, args)
  // What is under way is no remainder: whoever comes next is refused by the engine, which says who is at work.
  if (code !== 0 && !isOurs && /is currently locked by/.test(tail)) return undefined
  if (code !== 0)
    throw new Problem({
      what: `what an interrupted up began on ${stack} could not be cleared from the state`,
      why: tail,
      next: `pulumi ${args.join(' ')}`,
      left: 'nothing was changed on any machine',
    })
  return `an up was cut short while it recorded ${names.join(', ')}: cleared, and looked at anew`
}

/** None where the engine does not say: it says why when it is asked to do something. */
async function pendingThere(place: Workplace, stack: string): Promise<string[]> {
  const { code, out } = await askPulumi(place, ['stack', 'export', '--stack', stack])
  return code === 0 ? pendingInExport(out) : []
}
