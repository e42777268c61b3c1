import * as z from 'zod/mini'
import { readNote } from '../note.ts'

// One line of the history each. A field that is not known is no error, since a later version may have written it.

const at = z.iso.datetime({ error: 'must be an ISO time in UTC' })
const by = z.enum(['schedule', 'status', 'up'])
const bank = z.enum(['monzo', 'truelayer'])
const head = { v: z.literal(1, 'must be 1'), at }

const look = z.object({
  ...head,
  kind: z.literal('look'),
  /** who looked */
  by,
  /** what did not hold; the cause is the id that it hangs on, or `login/monzo` while somebody logs in there */
  off: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['differs', 'needs-person', 'unknown']),
      cause: z.nullable(z.string()),
      seen: z.string(),
    }),
  ),
  /** the doctor's verdicts; when the last good poll was, where that look could tell */
  banks: z.array(z.object({ bank, verdict: z.string(), what: z.string(), lastGood: z.nullable(at) })),
})
/** A look that saw nothing, and why. */
const unseen = z.object({ ...head, kind: z.literal('unseen'), by, why: z.string() })
/** A login that z2 has. */
const login = z.object({ ...head, kind: z.literal('login'), bank, login: z.int() })
/** What an `up` repaired, by id. */
const repair = z.object({ ...head, kind: z.literal('repair'), mended: z.array(z.string()) })
const told = z.object({
  ...head,
  kind: z.literal('told'),
  /** the first line of what was told */
  what: z.string(),
  /** the ways that took it */
  how: z.array(z.string()),
  /** the ways that did not take it, for the next look to try again */
  failed: z._default(z.array(z.string()), []),
  /** what the person has been told of and is not over, as `lib/watch/trouble.ts` names it */
  open: z._default(z.array(z.string()), []),
})

const entry = z.discriminatedUnion('kind', [look, unseen, login, repair, told])

/** One entry of the history. */
export type Entry = z.infer<typeof entry>
export type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>

/** What a history file holds, oldest first. `bad`: lines that nobody can read, left where they are. */
export type History = { entries: Entry[]; bad: number }

/** A line of a history file; `entry` is null where it cannot be read. */
export type HistoryLine = { text: string; entry: Entry | null }

/** An entry as its line, with the line end. Time and kind come first, for who reads the file by eye. */
export function entryLine({ v, at: when, kind, ...rest }: Entry): string {
  return `${JSON.stringify({ v, at: when, kind, ...rest })}\n`
}

/**
 * Takes a history file apart. A last line without its end was torn by a crash: it counts when it is whole all the
 * same, and is left out otherwise.
 */
export function historyLines(text: string): HistoryLine[] {
  const lines = text.split('\n')
  const torn = lines.pop() ?? ''
  const whole = lines.filter((line) => line !== '').map((line) => ({ text: line, entry: parse(line) }))
  const last = parse(torn)
  return last ? [...whole, { text: torn, entry: last }] : whole
}

/** What a history file says. */
export function parseHistory(text: string): History {
  const lines = historyLines(text)
  const entries = lines.flatMap((line) => line.entry ?? [])
  return { entries, bad: lines.length - entries.length }
}

function parse(line: string): Entry | null {
  try {
    return readNote(entry, JSON.parse(line))
  } catch {
    return null // counted by who asks; what it says is kept in the file
  }
}
