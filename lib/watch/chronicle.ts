import type { Bank } from '../invariant.ts'
import type { Entry, EntryOf, History } from './entry.ts'
import { banks } from './look-entry.ts'
import type { Remedy } from './remedy.ts'
import { after, type Sighting, type Spell, type Stretch, spellsOf, stretchesOf } from './stretch.ts'

/**
 * How an invariant was. `waits`: it could not be judged for a reason that is told elsewhere; `unknown`: for one of its
 * own; `unseen`: the look saw nothing at all.
 */
export type Condition = 'holds' | 'differs' | 'needs-person' | 'unknown' | 'waits' | 'unseen'

export type Ended<C extends string> = Spell<C> & { by: Remedy }

/** One invariant over time. */
export type Track = { id: string; stretches: Stretch<Condition>[]; spells: Ended<Condition>[] }

/**
 * One bank over time, by the doctor's verdicts; `unseen` where a look saw nothing. Its last good poll
 * and its last login that are known, ISO 8601, also from before the time that is told of.
 */
export type BankTrack = {
  bank: Bank
  stretches: Stretch<string>[]
  spells: Ended<string>[]
  lastGood: string | null
  lastLogin: string | null
}

/** A history, told by what it is about. Times are ms since 1970. `firstMs` and `lastMs`: the first and the last look in it. */
export type Chronicle = {
  firstMs: number
  lastMs: number
  tracks: Track[]
  banks: BankTrack[]
  /** when nothing could be looked at */
  blind: Spell<'seen' | 'unseen'>[]
  logins: EntryOf<'login'>[]
  repairs: EntryOf<'repair'>[]
  told: EntryOf<'told'>[]
  /** lines of the file that nobody can read */
  bad: number
}

type Look = EntryOf<'look'> | EntryOf<'unseen'>

/**
 * Tells a history; null where nothing was ever looked at.
 * @param ids invariants that are told of in any case, first and in this order; others where they were not always as wanted
 * @param startMs what was over before is left out, and what went on then is told from its beginning
 */
export function chronicle({ entries, bad }: History, ids: string[], startMs: number): Chronicle | null {
  const sorted = entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  const looks = sorted.filter((one): one is Look => one.kind === 'look' || one.kind === 'unseen')
  const [first] = looks.filter(({ at }) => Date.parse(at) >= startMs)
  const last = looks.at(-1)
  if (!first || !last) return null
  const repairs = only(sorted, 'repair')
  const logins = only(sorted, 'login')
  const seen = looks.flatMap((one) => (one.kind === 'look' ? one.off.map(({ id }) => id) : []))
  const others = [...new Set(seen)].filter((id) => !ids.includes(id)).sort()
  const recent = <T extends { at: string }>(all: T[]): T[] =>
    all.filter(({ at }) => Date.parse(at) >= startMs)
  return {
    firstMs: Math.max(startMs, Date.parse(looks[0]?.at ?? first.at)),
    lastMs: Date.parse(last.at),
    tracks: [...ids, ...others].map((id) => trackOf(id, looks, repairs, startMs)),
    banks: banks.map((bank) => bankTrackOf(bank, looks, logins, startMs)),
    blind: since(
      spellsOf(stretchesOf(looks.map(visibility)), (one) => one === 'seen'),
      startMs,
    ),
    logins: recent(logins),
    repairs: recent(repairs),
    told: recent(only(sorted, 'told')),
    bad,
  }
}

function trackOf(id: string, looks: Look[], repairs: EntryOf<'repair'>[], startMs: number): Track {
  const all = stretchesOf(looks.map((look) => conditionOf(id, look)))
  const spells = since(spellsOf(all, isWell), startMs).map((spell) => {
    const isMended = repairs.some(({ at, mended }) => mended.includes(id) && isDuring(at, spell))
    return { ...spell, by: isMended ? ('up' as const) : null }
  })
  return { id, stretches: after(all, startMs), spells }
}

function bankTrackOf(bank: Bank, looks: Look[], logins: EntryOf<'login'>[], startMs: number): BankTrack {
  const all = stretchesOf(looks.map((look) => verdictOf(bank, look)))
  const spells = since(spellsOf(all, isHealthy), startMs).map((spell) => {
    const isLogin = logins.some((login) => login.bank === bank && isDuring(login.at, spell))
    return { ...spell, by: isLogin ? ('login' as const) : null }
  })
  const good = looks.flatMap((look) => (look.kind === 'look' ? look.banks : []))
  const last = good.findLast((one) => one.bank === bank && one.lastGood !== null)
  const lastLogin = logins.findLast((login) => login.bank === bank)?.at ?? null
  return { bank, stretches: after(all, startMs), spells, lastGood: last?.lastGood ?? null, lastLogin }
}

/** A remedy that came while it lasted, or with the look that saw it over. */
const isDuring = (at: string, { fromMs, toMs }: Spell<string>): boolean =>
  toMs !== null && Date.parse(at) >= fromMs && Date.parse(at) <= toMs

const since = <C extends string>(spells: Spell<C>[], startMs: number): Spell<C>[] =>
  spells.filter(({ toMs }) => toMs === null || toMs >= startMs)

const only = <K extends Entry['kind']>(entries: Entry[], kind: K): EntryOf<K>[] =>
  entries.filter((one): one is EntryOf<K> => one.kind === kind)

function conditionOf(id: string, look: Look): Sighting<Condition> {
  const atMs = Date.parse(look.at)
  if (look.kind === 'unseen') return { atMs, condition: 'unseen', seen: look.why }
  const off = look.off.find((one) => one.id === id)
  if (!off) return { atMs, condition: 'holds', seen: '' }
  return { atMs, condition: off.cause === null ? off.state : 'waits', seen: off.seen }
}

function verdictOf(bank: Bank, look: Look): Sighting<string> {
  const atMs = Date.parse(look.at)
  if (look.kind === 'unseen') return { atMs, condition: 'unseen', seen: look.why }
  const said = look.banks.find((one) => one.bank === bank)
  return { atMs, condition: said?.verdict ?? 'unknown', seen: said?.what ?? '' }
}

const visibility = (look: Look): Sighting<'seen' | 'unseen'> => ({
  atMs: Date.parse(look.at),
  condition: look.kind === 'look' ? 'seen' : 'unseen',
  seen: look.kind === 'unseen' ? look.why : '',
})

const isWell = (condition: Condition): boolean | null =>
  condition === 'holds' ? true : condition === 'waits' || condition === 'unseen' ? null : false

/** While somebody logs in, nothing is known of the bank that they do not know themselves. */
const isHealthy = (verdict: string): boolean | null =>
  verdict === 'healthy' ? true : verdict === 'unseen' || saysNothing(verdict) ? null : false

/** Verdicts of which nobody knows how the bank is. */
export const saysNothing = (verdict: string): boolean =>
  /^(unknown|unreachable|reauth-running)$/.test(verdict)
