import { type Entry, type HistoryLine, historyLines } from './entry.ts'

const dayMs = 86_400_000

/** How long an entry is kept: a year, and a month for who looks back at it. */
const keptMs = 400 * dayMs
/** Not every look rewrites the file: it is left alone until its oldest entry is this much older. */
const graceMs = 30 * dayMs
/** As large as a history may grow, and what is left of one that is nothing but changes. */
const mostBytes = 2_000_000
const leftBytes = 1_500_000

/** True when a history is due for `compacted`. @param text the whole file */
export function isOverdue(text: string, nowMs: number): boolean {
  if (Buffer.byteLength(text) > mostBytes) return true
  const first = historyLines(text.slice(0, text.indexOf('\n') + 1))[0]?.entry
  return first != null && nowMs - Date.parse(first.at) > keptMs + graceMs
}

/**
 * A history without what is too old, and of looks that all saw the same only the first and the last. Every change
 * stays, and so does a line that nobody can read, until it is as old as the ones before it.
 */
export function compacted(text: string, nowMs: number): string {
  const young = youngOf(historyLines(text), nowMs)
  const texts = young.flatMap(({ text: line }, at) => (isRepeated(young, at) ? [] : [`${line}\n`]))
  let bytes = texts.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
  if (bytes <= mostBytes) return texts.join('')
  const from = texts.findIndex((line) => {
    bytes -= Buffer.byteLength(line)
    return bytes <= leftBytes
  })
  return texts.slice(from + 1).join('')
}

function youngOf(lines: HistoryLine[], nowMs: number): HistoryLine[] {
  const first = lines.findIndex(({ entry }) => entry !== null && nowMs - Date.parse(entry.at) <= keptMs)
  return first < 0 ? [] : lines.slice(first)
}

/** Stands between two looks that saw what it saw. */
function isRepeated(lines: HistoryLine[], at: number): boolean {
  const mark = lookMark(lines[at]?.entry)
  return mark !== '' && mark === lookMark(lines[at - 1]?.entry) && mark === lookMark(lines[at + 1]?.entry)
}

/** What a look came to, without its times and words; empty for anything that is not a look. */
export function lookMark(entry: Entry | null | undefined): string {
  if (entry?.kind === 'unseen') return 'unseen'
  if (entry?.kind !== 'look') return ''
  return JSON.stringify([
    entry.off.map(({ id, state, cause }) => [id, state, cause]),
    entry.banks.map(({ bank, verdict }) => [bank, verdict]),
  ])
}
