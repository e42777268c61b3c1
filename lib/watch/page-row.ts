import { day, inWords, moment, plural } from '../age.ts'
import { escaped } from '../html.ts'
import { withoutControls } from '../mask.ts'
import { type BankTrack, type Condition, type Ended, saysNothing } from './chronicle.ts'
import { flaps, timesInWeek } from './flapping.ts'
import { type Span, timeline, words } from './page-timeline.ts'
import { remedyText } from './remedy.ts'
import { type Stretch, sinceMs, totalMs } from './stretch.ts'

/** Text of the history, for HTML. */
export const html = (text: string): string => escaped(withoutControls(text))

/** @param fromMs what it is said beside: the day is left out where it is the same */
export function time(ms: number, fromMs?: number): string {
  const isSame = fromMs !== undefined && day(fromMs) === day(ms)
  const text = isSame ? moment(ms).slice(-5) : moment(ms)
  return `<time datetime="${new Date(ms).toISOString()}">${text}</time>`
}

/** One row of a table of timelines. */
export type Row = {
  /** what stands above the name, small; empty for none */
  kind: string
  name: string
  stretches: Stretch<Condition>[]
  spells: Ended<string>[]
  /** what it is now */
  now: { condition: Condition; text: string }
}

// Verdicts of which only a person can rid a bank.
const persons = /^(not-pushed|tokens-missing|refresh-dead|approval-pending|approval-lapsed|consent-ending)$/

/** A verdict of the doctor as a condition, for its colour and shape. */
export function conditionOf(verdict: string): Condition {
  if (verdict === 'healthy') return 'holds'
  if (verdict === 'unseen') return 'unseen'
  if (saysNothing(verdict)) return 'unknown'
  return persons.test(verdict) ? 'needs-person' : 'differs'
}

/** A bank's row: its verdicts stand in what is shown when a block is pointed at. */
export function bankRow({ bank, stretches, spells }: BankTrack): Row {
  const verdict = stretches.at(-1)?.condition ?? 'unknown'
  const drawn = stretches.map((one) => ({
    ...one,
    condition: conditionOf(one.condition),
    seen:
      one.condition === 'unseen'
        ? one.seen
        : [one.condition.replaceAll('-', ' '), one.seen].filter(Boolean).join(': '),
  }))
  const now = { condition: conditionOf(verdict), text: verdictText(verdict) }
  return { kind: '', name: bank, stretches: drawn, spells, now }
}

export const verdictText = (verdict: string): string =>
  verdict === 'unseen' ? words.unseen : verdict.replaceAll('-', ' ')

/** A table of timelines, with its caption and its axis. */
export function table(caption: string, rows: Row[], span: Span): string {
  const quarters = [0, 1, 2, 3].map(
    (nth) => `<span>${label(span.startMs + (nth * (span.endMs - span.startMs)) / 4, span)}</span>`,
  )
  return `<table class="lines" role="table"><caption>${escaped(caption)}</caption>
<thead role="rowgroup"><tr role="row"><th class="name" role="columnheader" scope="col">what</th><th class="time" role="columnheader" scope="col"><span class="axis">${quarters.join('')}</span></th><th class="words" role="columnheader" scope="col">at the last look</th></tr></thead>
<tbody role="rowgroup">
${rows.map((row) => tableRow(row, span)).join('\n')}
</tbody></table>`
}

/** A quarter of less than two days is told by its hour. */
const label = (ms: number, { startMs, endMs }: Span): string =>
  endMs - startMs < 8 * 86_400_000 ? moment(ms) : day(ms)

function tableRow(row: Row, span: Span): string {
  const { kind, name, stretches, spells, now } = row
  const kindText = kind === '' ? '' : `<span class="kind">${html(kind)}</span>`
  const says = `${[kind, name].filter(Boolean).join(' ')}: ${now.text}; ${timesText(spells, span)}`
  return `<tr role="row"><th class="name" role="rowheader" scope="row">${kindText}${html(name)}</th><td class="time" role="cell">${timeline(stretches, span, withoutControls(says))}${past(spells, span)}</td><td class="words" role="cell">${nowText(row, span)}</td></tr>`
}

function nowText({ now, stretches }: Row, { startMs }: Span): string {
  const from = sinceMs(stretches, 'unseen')
  const isSteady = now.condition === 'holds' && from === startMs
  const since = from === null || isSteady ? '' : ` <span class="soft">since ${time(from)}</span>`
  return `<span class="says">${tag(now.condition, now.text)}${since}</span>`
}

/** A condition in its colour, with a mark that says the same. */
export const tag = (condition: Condition, text: string): string =>
  `<span class="tag ${condition}"><svg viewBox="0 0 24 24" aria-hidden="true">${marks[condition]}</svg>${html(text)}</span>`

const marks: Record<Condition, string> = {
  holds: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  differs: '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
  'needs-person': '<path d="M12 4v10M12 19.4v.1"/>',
  unknown: '<path d="M8.5 8.5a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18.9v.1"/>',
  waits: '<path d="M6 12h.1M12 12h.1M18 12h.1"/>',
  unseen: '<path d="M8.5 8.5a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18.9v.1"/>',
}

function timesText(spells: Ended<string>[], { endMs }: Span): string {
  if (spells.length === 0) return 'never off'
  const often = timesInWeek(spells, endMs)
  const flapping = often >= flaps ? `, flaps: ${often} in a week` : ''
  return `off ${plural(spells.length, 'time')}, ${inWords(totalMs(spells, endMs))} in all${flapping}`
}

/** As many as anybody opens a list for; `npm run history -- --json` has them all. */
const mostSpells = 50

function past(spells: Ended<string>[], span: Span): string {
  if (spells.length === 0) return ''
  const items = spells
    .slice(-mostSpells)
    .reverse()
    .map(({ fromMs, toMs, condition, seen, by }) => {
      const end = toMs === null ? 'and goes on' : `to ${time(toMs, fromMs)}, ${inWords(toMs - fromMs)}`
      return `<li>${time(fromMs)} ${end}${remedyText(by)}<br>${html(condition.replaceAll('-', ' '))}${seen ? `: ${html(seen)}` : ''}</li>`
    })
  const earlier =
    spells.length > mostSpells ? `<li>${spells.length - mostSpells} earlier are left out</li>` : ''
  return `<details><summary>${timesText(spells, span)}</summary><ul>${items.join('')}${earlier}</ul></details>`
}
