import type { Observed } from '../../outcome.ts'
import type { EntryOf } from '../../watch/entry.ts'
import { lookEntry } from '../../watch/look-entry.ts'
import { mendedBetween } from '../../watch/mended.ts'
import { recall, remember } from './memory.ts'

// The look that an `up` begins with is the program's own, in a process that the engine starts; the one that it ends with
// is the wrapper's. The history is what the two have in common, and it keeps the first where `up` is killed in between.

/** What was found before anything was repaired. */
export function noteBefore(observed: Observed): void {
  remember(observed.declaration.config, observed.look.stack, lookEntry(observed, 'up'))
}

/** What was found afterwards, and what holds now that differed. @param sinceMs when this `up` was started */
export function noteAfter(observed: Observed, sinceMs: number): void {
  const { config } = observed.declaration
  const { stack } = observed.look
  const after = lookEntry(observed, 'up')
  const before = recall(config, stack).findLast(
    (entry): entry is EntryOf<'look'> =>
      entry.kind === 'look' && entry.by === 'up' && Date.parse(entry.at) >= sinceMs,
  )
  const mended = before ? mendedBetween(before, after) : []
  if (mended.length > 0) remember(config, stack, { v: 1, at: after.at, kind: 'repair', mended })
  remember(config, stack, after)
}
