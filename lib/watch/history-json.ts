import type { Chronicle, Ended } from './chronicle.ts'
import { timesInWeek } from './flapping.ts'
import { type Spell, type Stretch, sinceMs, totalMs } from './stretch.ts'

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

const spell = ({ fromMs, toMs, heldMs, condition, seen }: Spell<string>) => ({
  from: iso(fromMs),
  to: iso(toMs),
  heldAt: iso(heldMs),
  state: condition,
  seen,
})

const ended = (one: Ended<string>) => ({ ...spell(one), by: one.by })

const minutes = (spells: Spell<string>[], lastMs: number): number =>
  Math.round(totalMs(spells, lastMs) / 60_000)

const summary = (stretches: Stretch<string>[], spells: Ended<string>[], lastMs: number) => ({
  state: stretches.at(-1)?.condition ?? 'unknown',
  since: iso(sinceMs(stretches, 'unseen')),
  times: spells.length,
  timesInWeek: timesInWeek(spells, lastMs),
  minutesOff: minutes(spells, lastMs),
  spells: spells.map(ended),
})

/** A history as JSON for programs, one document; times are ISO 8601. `told` is null where nothing was ever looked at. */
export function historyJson(
  told: Chronicle | null,
  head: { stack: string; host: string; bad: number },
): string {
  const { bad, ...place } = head
  const body = told && {
    from: iso(told.firstMs),
    to: iso(told.lastMs),
    banks: told.banks.map(({ bank, stretches, spells, lastGood }) => ({
      bank,
      ...summary(stretches, spells, told.lastMs),
      lastGood,
      logins: told.logins.filter((one) => one.bank === bank).map(({ at }) => at),
    })),
    invariants: told.tracks.map(({ id, stretches, spells }) => ({
      id,
      ...summary(stretches, spells, told.lastMs),
    })),
    blind: told.blind.map(spell).map(({ from, to, seen }) => ({ from, to, seen })),
    repairs: told.repairs.map(({ at, mended }) => ({ at, mended })),
    told: told.told.map(({ at, what, how }) => ({ at, what, how })),
  }
  const none = { from: null, to: null, banks: [], invariants: [], blind: [], repairs: [], told: [] }
  return JSON.stringify({ ...place, ...(body ?? none), badLines: bad }, null, 2)
}
