import type { Entry, EntryOf } from './entry.ts'

// What the history says, for who decides what to tell. All of it is read from the entries, so nothing is lost by a restart.

/** The name of not being able to look, among what is open. */
export const blindKey = 'unseen'

/** What the person was told last; nothing where nobody was told anything yet. */
export const lastTold = (history: Entry[]): EntryOf<'told'> | undefined =>
  history.findLast((entry): entry is EntryOf<'told'> => entry.kind === 'told')

/** Since when something that is open has been told of, ms since 1970; null where it never was. */
export function openSince(history: Entry[], key: string): number | null {
  const all = history.filter((entry): entry is EntryOf<'told'> => entry.kind === 'told')
  const before = all.findLastIndex(({ open }) => !open.includes(key))
  const first = all[before + 1]
  return first ? Date.parse(first.at) : null
}

/** How many looks in a row failed up to now. Only the schedule's count, since a person may try five times in a minute. */
export function failedLooks(history: Entry[]): number {
  const looks = history.filter(
    (entry) => entry.kind === 'look' || (entry.kind === 'unseen' && entry.by === 'schedule'),
  )
  return looks.length - 1 - looks.findLastIndex(({ kind }) => kind === 'look')
}

/** How many of the schedule's latest looks in a row could not judge this one thing for a reason of its own. */
export function blindLooks(history: Entry[], id: string): number {
  const looks = history.filter(
    (entry): entry is EntryOf<'look'> => entry.kind === 'look' && entry.by === 'schedule',
  )
  const judged = looks.findLastIndex(
    ({ off }) => !off.some((one) => one.id === id && one.state === 'unknown' && one.cause === null),
  )
  return looks.length - 1 - judged
}
