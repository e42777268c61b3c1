import { parseLoginTime } from './age.ts'
import type { Bank } from './invariant.ts'
import type { LogEvent } from './probe-record.ts'

/** What the latest line that decides says of a bank's poll. The latest evidence wins: an old 401 before a good poll is history. */
export type Evidence =
  | { kind: 'good'; says: string }
  | { kind: 'dead'; says: string }
  | { kind: 'approval'; says: string }
  | { kind: 'trouble'; says: string; forMs: number | null }
  | { kind: 'none' }

type Meaning = { kind: 'good' | 'dead' | 'approval' | 'trouble'; says: string } | undefined

const good = (says: string): Meaning => ({ kind: 'good', says })

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
  'sca-exceeded': both(good('polled; older history is closed for now')),
  forbidden: {
    monzo: { kind: 'approval', says: 'HTTP 403 on /accounts after a clean token load' },
    truelayer: { kind: 'trouble', says: 'HTTP 403' },
  },
  'refresh-ok': both(good('refresh ok')),
  updated: both(good('credit-accounts.json updated')),
  transactions: both(good('transactions')),
  done: both(undefined),
  trouble: both({ kind: 'trouble', says: 'network or bank trouble' }),
}

function both(one: Meaning): Record<Bank, Meaning> {
  return { monzo: one, truelayer: one }
}

/** Reads the classified lines of one log, oldest first. */
export function latestEvidence(bank: Bank, events: LogEvent[]): Evidence {
  const decisive = events.flatMap((event) => {
    const means = meaning[event.kind][bank]
    return means ? [{ ...means, at: parseLoginTime(event.time ?? '') }] : []
  })
  const last = decisive.at(-1)
  if (!last) return { kind: 'none' }
  if (last.kind !== 'trouble') return { kind: last.kind, says: last.says }
  const since = decisive.slice(decisive.findLastIndex(({ kind }) => kind !== 'trouble') + 1)[0]
  // Both times are the log's own, so its time zone, which nobody documents, does not matter.
  const forMs = last.at !== null && since?.at != null ? last.at - since.at : null
  return { kind: 'trouble', says: last.says, forMs }
}
