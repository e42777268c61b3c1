import { parseLoginTime, plural } from './age.ts'
import type { Bank } from './invariant.ts'
import type { LogEvent } from './probe-record.ts'

/**
 * What the latest line that decides says of a bank's poll. The latest evidence wins: an old 401 before a good poll is
 * history. `forMs`: from the first line of the present run of such lines to the latest, by the log's own times, so that
 * its time zone, which nobody documents, does not matter; null where they have none.
 */
export type Evidence =
  | { kind: 'good'; says: string }
  | { kind: 'dead' | 'approval' | 'trouble'; says: string; forMs: number | null }
  | { kind: 'none' }

type Decisive = 'good' | 'dead' | 'approval' | 'trouble'
/** `isWeak`: it says that one step went well, not that a poll did, so a run of failures goes on through it. */
type Meaning = { kind: Decisive; says: string; isWeak?: boolean } | undefined

// What each phrase means (docs/runbook). A Monzo 403 is the app approval, never a dead token; TrueLayer's 401 is an
// access token that the poller refreshes. `done` alone proves nothing: a failed poll may end with it too.
const meaning: Record<LogEvent['kind'], Record<Bank, Meaning>> = {
  'bad-refresh-token': both({ kind: 'dead', says: 'HTTP 401, Bad refresh token' }),
  'invalid-grant': both({ kind: 'dead', says: 'invalid_grant' }),
  'access-denied': { monzo: undefined, truelayer: { kind: 'dead', says: 'access_denied' } },
  unauthorised: {
    monzo: { kind: 'dead', says: 'HTTP 401' },
    truelayer: { kind: 'trouble', says: 'HTTP 401' },
  },
  'sca-exceeded': both({ kind: 'good', says: 'polled, older history is closed for now' }),
  forbidden: {
    monzo: { kind: 'approval', says: 'HTTP 403 on /accounts after a clean token load' },
    truelayer: { kind: 'trouble', says: 'HTTP 403' },
  },
  'refresh-ok': both({ kind: 'good', says: 'refresh ok', isWeak: true }),
  updated: both({ kind: 'good', says: 'credit-accounts.json updated' }),
  transactions: both({ kind: 'good', says: 'transactions' }),
  done: both(undefined),
  trouble: both({ kind: 'trouble', says: 'network or bank trouble' }),
}

function both(one: Meaning): Record<Bank, Meaning> {
  return { monzo: one, truelayer: one }
}

// An hour without a network approves nothing, and a 403 is no answer to whether the network is back.
const ends: Record<Exclude<Decisive, 'good'>, Decisive[]> = {
  dead: ['good'],
  approval: ['good', 'dead'],
  trouble: ['good', 'dead', 'approval'],
}

/** Reads the classified lines of one log, oldest first. */
export function latestEvidence(bank: Bank, events: LogEvent[]): Evidence {
  const decisive = events.flatMap((event) => {
    const means = meaning[event.kind][bank]
    return means ? [{ ...means, event, at: timeOf(event) }] : []
  })
  const last = decisive.at(-1)
  if (!last) return { kind: 'none' }
  const { kind, says } = last
  if (kind === 'good') return { kind, says: whatPolled(events) || says }
  const before = decisive.findLastIndex((one) => !one.isWeak && ends[kind].includes(one.kind))
  const first = decisive.slice(before + 1).find((one) => one.kind === kind)
  return { kind, says, forMs: last.at !== null && first?.at != null ? last.at - first.at : null }
}

const timeOf = ({ time }: LogEvent): number | null => parseLoginTime(time ?? '')

/** Lines of one poll lie this close together. */
const pollMs = 120_000

/** `refresh ok, 3 accounts, 21 transactions`: what the latest poll counted. */
function whatPolled(events: LogEvent[]): string {
  const latest = timeOf(events.at(-1) ?? { kind: 'done' })
  const poll = events.filter((event, at) => {
    const time = timeOf(event)
    return latest === null || time === null ? at === events.length - 1 : latest - time <= pollMs
  })
  const count = (key: 'accounts' | 'transactions'): number | undefined =>
    poll.findLast((event) => event[key] !== undefined)?.[key]
  const accounts = count('accounts')
  const transactions = count('transactions')
  return [
    ...(poll.some(({ kind }) => kind === 'refresh-ok') ? ['refresh ok'] : []),
    ...(accounts === undefined ? [] : [plural(accounts, 'account')]),
    ...(transactions === undefined ? [] : [plural(transactions, 'transaction')]),
  ].join(', ')
}
