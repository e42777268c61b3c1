import * as z from 'zod/mini'
import { readNote } from '../note.ts'

// What a login has reached, kept on the Mac before each step of it and without any secret. Its format is read by later
// versions of this program, so a field that it does not know is not an error, and one that is wrong always is.

/** The steps of a login that something is kept of, in their order; each is written before it begins or when it is done. */
export const journalSteps = ['exchanging', 'tokens-on-mac', 'account-ok', 'committed', 'polled'] as const

const fingerprint = z.string().check(z.regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'))
const time = z.iso.datetime({ offset: true, error: 'must be an ISO time' })
const id = z.int().check(z.gte(1, 'must be at least 1'))

const journal = z.object({
  version: z.literal(1, 'must be 1'),
  bank: z.enum(['monzo', 'truelayer'], 'must be monzo or truelayer'),
  /** the id that Z2 handed out for this login */
  login: id,
  step: z.enum(journalSteps, `must be one of ${journalSteps.join(', ')}`),
  startedAt: time,
  changedAt: time,
  /** of the refresh token that this login got: the first 16 hex digits of its SHA-256; null until it is there */
  refresh: z.nullable(fingerprint),
  /** of each account, or of the user; null until the bank has said who it is */
  account: z.nullable(z.array(fingerprint)),
  /** epoch seconds at which the consent ends, as the bank gave it */
  consentEnd: z.nullable(z.int()),
  /** of the refresh token on Z2 when its poller was stopped; null when there was none, or it was not stopped yet */
  before: z.nullable(fingerprint),
})

/** How far a login has come. */
export type JournalStep = (typeof journalSteps)[number]
export type Journal = z.infer<typeof journal>

/**
 * Reads the text of `.reauth/<bank>.json`.
 * @throws Error whose message names the first field that is wrong and what it must be, and never quotes the text
 */
export function parseJournal(text: string): Journal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON') // the parser's message would quote the file
  }
  return readNote(journal, value)
}

/** The text of a journal, one line, as it is written to the disk. */
export const journalText = (value: Journal): string => `${JSON.stringify(value)}\n`
