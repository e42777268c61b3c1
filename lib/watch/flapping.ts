import type { Spell } from './stretch.ts'

/** Off this often within a week is no accident: what was repaired did not stay so. */
export const flaps = 3
export const weekMs = 7 * 86_400_000

/** How often something went off within the week before a moment. */
export const timesInWeek = (spells: Pick<Spell<string>, 'fromMs'>[], lastMs: number): number =>
  spells.filter(({ fromMs }) => fromMs > lastMs - weekMs && fromMs <= lastMs).length
