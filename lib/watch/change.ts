import type { Lines } from '../problem.ts'
import type { Entry } from './entry.ts'
import { type Circumstance, type Message, message } from './message.ts'
import { blindKey, blindLooks, failedLooks, lastTold } from './past.ts'
import { isReminderDue } from './reminder.ts'
import { idOfKey, type Sight } from './trouble.ts'

// What is open is kept in the history as what a person was told last. A look is held against that, never against the
// look before it: what could not be delivered is told by the next look, and a lost history tells once too much at most.

/** A way that takes nothing for a day is left alone until there is something new, or a reminder. */
const retryMs = 86_400_000

/** What a look saw, or why it saw nothing. */
export type Outlook = Sight | Pick<Lines, 'why' | 'next'>

/** What must be told, which ways it must go, and what is open from then on. */
export type Telling = { message: Message; open: string[]; only?: string[] }

/**
 * What a person must be told after a look, if anything.
 * @param history everything before this look
 * @param failures looks in a row that must fail, this one with them, before it counts
 */
export function telling(
  history: Entry[],
  outlook: Outlook,
  { failures, remindAt, ...place }: Circumstance & { failures: number; remindAt: string },
): Telling | null {
  const last = lastTold(history)
  const before = last?.open ?? []
  const open = openNow(history, before, outlook, failures)
  const fresh = open.filter((key) => !before.includes(key))
  const over = before.filter((key) => !open.includes(key))
  const say = (kind: Message['kind']): Telling => ({
    message: message(kind, { outlook, open, fresh, over, history }, place),
    open,
  })
  if (fresh.length > 0) return say('trouble')
  if (over.length > 0) return say(open.length === 0 ? 'well' : 'better')
  if (last === undefined) return null
  if (isPersonNeeded(outlook, open) && isReminderDue(Date.parse(last.at), place.nowMs, remindAt))
    return say('reminder')
  const isFresh = place.nowMs - Date.parse(last.at) < retryMs
  return last.failed.length > 0 && isFresh ? { ...say('again'), only: last.failed } : null
}

/** What is open after this look. What it could not judge is as it was. */
function openNow(history: Entry[], before: string[], outlook: Outlook, failures: number): string[] {
  if (!('troubles' in outlook)) {
    const isLong = failedLooks(history) + 1 >= failures
    return isLong && !before.includes(blindKey) ? [...before, blindKey] : before
  }
  const { troubles, left } = outlook
  const counting = troubles.filter(
    ({ key, state }) =>
      state !== 'unknown' || before.includes(key) || blindLooks(history, idOfKey(key)) + 1 >= failures,
  )
  const seen = counting.map(({ key }) => key)
  const kept = before.filter((key) => !seen.includes(key) && left.has(idOfKey(key)))
  return [...seen, ...kept]
}

/** `up` starts by itself as little as a login does, so what differs counts too. */
const isPersonNeeded = (outlook: Outlook, open: string[]): boolean =>
  'troubles' in outlook &&
  outlook.troubles.some(({ key, state }) => state !== 'unknown' && open.includes(key))
