import { Problem } from '../lib/problem.ts'
import { runWell } from './child.ts'
import type { Contender } from './contender.ts'
import { lab, type Trial } from './trial.ts'

/** Three drifts that `up` repairs, each on its own: what is planted, and the one invariant that it breaks. */
export const drifts: Record<string, string> = {
  'timer-disabled-monzo': 'ct109/timer/bulma-poll-monzo.timer',
  'token-unreadable-truelayer': 'z2/token-file/tokens_truelayer.json',
  'legacy-dropin': 'z2/legacy-unit/hinata-poll-truelayer-evening.timer',
}

export const plant = ({ folder, log }: Trial): Promise<void> =>
  lab(folder, log, 'break', ...Object.keys(drifts))
export const mend = ({ folder, log }: Trial): Promise<void> => lab(folder, log, 'mend')

/**
 * Lets each of them look at a lab where all is as documented, and at one with three drifts.
 * @throws Problem when one does not find just these: its time would say nothing
 */
export async function requireCorrect(all: Contender[], trial: Trial): Promise<void> {
  await requireFound(all, trial, [])
  await plant(trial)
  await requireFound(all, trial, Object.values(drifts))
  await mend(trial)
}

async function requireFound(all: Contender[], { way, log }: Trial, wanted: string[]): Promise<void> {
  for (const one of all) {
    const { out } = await runWell(one.look(way), log, one.codes, true)
    await one.forget(way)
    const ids = one.found(out)
    if (ids.toSorted().join() === wanted.toSorted().join()) continue
    throw new Problem({
      what: `${one.name} does not see what is to be seen`,
      why: `there is ${wanted.join(', ') || 'nothing'}, and it found ${ids.join(', ') || 'nothing'}`,
      next: 'npm run bench',
      left: 'nothing was measured, and the lab was taken down',
    })
  }
}
