// What looks saw of one thing, put together over time. A look sees a moment; what it saw counts until the next look. After
// the last look nothing is known, so nothing is said.

/** How one thing was at one look. */
export type Sighting<C extends string> = { atMs: number; condition: C; seen: string }

/**
 * How it was for a while, by all looks of that while: from the first of them to the one that saw it otherwise. `lastMs`
 * and `seen`: when the last of them was, and what it said.
 */
export type Stretch<C extends string> = {
  fromMs: number
  toMs: number
  lastMs: number
  condition: C
  seen: string
}

/** Looks that saw the same, one after the other, are one stretch; it ends where the next begins. */
export function stretchesOf<C extends string>(sightings: Sighting<C>[]): Stretch<C>[] {
  const all: Stretch<C>[] = []
  for (const { atMs, condition, seen } of sightings) {
    const last = all.at(-1)
    if (last) last.toMs = atMs
    if (last?.condition === condition) Object.assign(last, { seen, lastMs: atMs })
    else all.push({ fromMs: atMs, toMs: atMs, lastMs: atMs, condition, seen })
  }
  return all
}

/** What lies after a moment, cut off at it. */
export const after = <C extends string>(stretches: Stretch<C>[], startMs: number): Stretch<C>[] =>
  stretches
    .filter(({ toMs }) => toMs >= startMs)
    .map((one) => ({ ...one, fromMs: Math.max(one.fromMs, startMs) }))

/** Since when it is as the last look saw it. Looks that saw nothing in between do not count against that. */
export function sinceMs<C extends string>(stretches: Stretch<C>[], unseen: C): number | null {
  const now = stretches.at(-1)
  const other = stretches.findLastIndex(
    ({ condition }) => condition !== now?.condition && condition !== unseen,
  )
  const same = stretches.slice(other + 1).find(({ condition }) => condition === now?.condition)
  return same?.fromMs ?? null
}

/**
 * A time in which something was not as wanted, from the first look that saw it to the first that saw it over. Where
 * nothing could be seen meanwhile, it went on. `toMs` is null while it goes on; `heldMs`: the last look before it that
 * saw all well, null where there was none.
 */
export type Spell<C extends string> = {
  fromMs: number
  toMs: number | null
  heldMs: number | null
  condition: C
  seen: string
}

/** @param isWell whether a condition is as wanted; null where it says nothing about that */
export function spellsOf<C extends string>(
  stretches: Stretch<C>[],
  isWell: (condition: C) => boolean | null,
): Spell<C>[] {
  const all: Spell<C>[] = []
  let open: Spell<C> | null = null
  let heldMs: number | null = null
  for (const { fromMs, lastMs, condition, seen } of stretches) {
    const well = isWell(condition)
    if (well === true) {
      if (open) open.toMs = fromMs
      open = null
      heldMs = lastMs
    } else if (well === false && open) {
      open.condition = condition
      open.seen = seen
    } else if (well === false) {
      open = { fromMs, toMs: null, heldMs, condition, seen }
      all.push(open)
    }
  }
  return all
}

/** How long all of them took, as far as that is known. */
export const totalMs = (spells: Pick<Spell<string>, 'fromMs' | 'toMs'>[], lastMs: number): number =>
  spells.reduce((sum, { fromMs, toMs }) => sum + (toMs ?? Math.max(lastMs, fromMs)) - fromMs, 0)
