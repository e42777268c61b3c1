import { styleText } from 'node:util'
import { clock, inWords, plural } from '../age.ts'
import { withoutControls } from '../mask.ts'
import { installSchedule } from '../next-step.ts'
import { linesOf } from '../paragraph.ts'
import type { BankTrack, Chronicle, Ended, Track } from './chronicle.ts'
import { flaps, timesInWeek } from './flapping.ts'
import { nameOfId } from './invariant-name.ts'
import { remedyText } from './remedy.ts'
import { type Spell, sinceMs, totalMs } from './stretch.ts'

// What is off comes first, then what was, then what was done about it. 80 columns, good without colour.

const width = 80
/** As much of the past as a person reads; --json has all of it. */
const mostRows = 10

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string
export type HistoryPlace = { stack: string; host: string; path: string; nowMs: number }

/** A history as text, without a final line end. */
export function renderHistory(told: Chronicle, place: HistoryPlace, colour: boolean): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
  const { firstMs, lastMs, tracks } = told
  const at = (ms: number): string => clock(ms, place.nowMs)
  const open = tracks.filter(({ spells }) => spells.at(-1)?.toMs === null)
  const over = tracks.filter(({ spells }) => spells.length > 0 && spells.at(-1)?.toMs !== null)
  const still = open.flatMap((track) => openRows(track, told, at, paint))
  const past = over.flatMap((track) => [`    ${nameOfId(track.id)}`, ...timesRows(track.spells, told, at)])
  const rows = [
    '',
    `${place.host} · looked at from ${at(firstMs)} to ${at(lastMs)}`,
    '',
    '  banks',
    ...told.banks.flatMap((bank) => bankRows(bank, told, at)),
    ...(still.length > 0 ? ['', '  not as wanted', ...still] : ['', `  ${paint('green', 'all as wanted')}`]),
    ...(past.length > 0 ? ['', '  was not, and holds again', ...past] : []),
    ...blindRows(told, at),
    ...doneRows(told, at),
    ...(told.bad > 0 ? ['', ...badRows(told.bad, place.path)] : []),
  ]
  return [...rows, ''].join('\n')
}

/** What there is to say where nothing was looked at yet. @param days as many as were asked for; null for all */
export function renderNoHistory(
  { bad }: { bad: number },
  { stack, path }: HistoryPlace,
  days: number | null,
): string {
  const what = days === null ? 'nothing was looked at yet' : `no look in the last ${plural(days, 'day')}`
  return [`${what}: ${installSchedule(stack)}`, ...(bad > 0 ? badRows(bad, path) : [])].join('\n')
}

type At = (ms: number) => string

function openRows({ id, spells }: Track, told: Chronicle, at: At, paint: Paint): string[] {
  const spell = spells.at(-1)
  if (!spell) return []
  const mark = { differs: paint('red', '✗'), 'needs-person': paint('yellow', '!') }[spell.condition as string]
  const before = spells.length > 1 ? ` · ${timesOf(spells, told.lastMs)}` : ''
  return [
    `  ${mark ?? paint('magenta', '?')} ${nameOfId(id)}`,
    ...wrapped(`since ${sinceOf(spell, told, at)}${before}`),
    ...wrapped(withoutControls(spell.seen)),
  ]
}

function timesRows(spells: Ended<string>[], { lastMs }: Chronicle, at: At, indent = 6): string[] {
  const last = spells.at(-1)
  if (!last) return []
  const total = `${timesOf(spells, lastMs)}, ${inWords(totalMs(spells, lastMs))} in all`
  // Since when it goes on is said above this.
  if (last.toMs === null) return wrapped(total, indent)
  return wrapped(`${total} · last ${at(last.fromMs)} to ${at(last.toMs)}${remedyText(last.by)}`, indent)
}

function timesOf(spells: Spell<string>[], lastMs: number): string {
  const often = timesInWeek(spells, lastMs)
  return `${plural(spells.length, 'time')}${often >= flaps ? ` (flaps: ${often} in a week)` : ''}`
}

/** `Tue 09:15, for 2 days`; where it was off from the first look on, nobody knows since when. */
const sinceOf = ({ fromMs, heldMs }: Spell<string>, { lastMs }: Chronicle, at: At): string =>
  `${heldMs === null ? 'the first look, ' : ''}${at(fromMs)}, for ${inWords(lastMs - fromMs)}`

function bankRows({ bank, stretches, spells, lastGood }: BankTrack, told: Chronicle, at: At): string[] {
  const verdict = withoutControls(stretches.at(-1)?.condition ?? 'unknown').replaceAll('-', ' ')
  const from = sinceMs(stretches, 'unseen')
  const since = from === null ? '' : ` since ${at(from)}`
  const good = lastGood === null ? '' : ` · last good poll ${at(Date.parse(lastGood))}`
  return [
    `    ${bank.padEnd(9)}  ${verdict}${since}${good}`,
    ...(spells.length > 0 ? timesRows(spells, told, at, 15) : []),
  ]
}

function blindRows({ blind, lastMs }: Chronicle, at: At): string[] {
  const last = blind.at(-1)
  if (!last) return []
  const span = last.toMs === null ? `since ${at(last.fromMs)}` : `${at(last.fromMs)} to ${at(last.toMs)}`
  const total = `${plural(blind.length, 'time')}, ${inWords(totalMs(blind, lastMs))} in all · last ${span}`
  return ['', '  could not look', ...wrapped(total), ...wrapped(withoutControls(last.seen))]
}

function doneRows({ banks, logins, repairs }: Chronicle, at: At): string[] {
  const row = (head: string, text: string): string => `    ${head.padEnd(14)}  ${text}`
  const cut = (rows: string[]): string[] => {
    const more = rows.length - mostRows
    return more > 0 ? [`    ${more} earlier: --json`, ...rows.slice(-mostRows)] : rows
  }
  const loginRows = banks.map(({ bank }) => {
    const times = logins.filter((one) => one.bank === bank).map((one) => at(Date.parse(one.at)))
    return `    ${bank.padEnd(9)}  ${times.slice(-4).reverse().join(' · ') || 'none noted'}`
  })
  const repairRows = repairs.flatMap((one) =>
    one.mended.map((id, nth) => row(nth === 0 ? at(Date.parse(one.at)) : '', nameOfId(id))),
  )
  const repaired = repairRows.length > 0 ? cut(repairRows) : ['    nothing noted']
  return ['', '  logins', ...loginRows, '', '  mended by npm run up', ...repaired]
}

const badRows = (bad: number, path: string): string[] => [
  `  ${plural(bad, 'line')} cannot be read, and ${bad === 1 ? 'is' : 'are'} kept as ${bad === 1 ? 'it is' : 'they are'}: ${path}`,
]

const wrapped = (text: string, indent = 6): string[] =>
  text === '' ? [] : linesOf(text, width - indent).map((line) => ' '.repeat(indent) + line)
