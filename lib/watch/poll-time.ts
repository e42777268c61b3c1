import { parseLoginTime } from '../age.ts'
import type { Bank } from '../invariant.ts'
import { latestEvidence } from '../log-evidence.ts'
import type { LogEvent } from '../probe-record.ts'
import type { Log } from '../seen.ts'

/** Lines that only a poll writes which got what it came for. */
const proofs = new Set<LogEvent['kind']>(['transactions', 'updated', 'sca-exceeded'])

/**
 * When the last good poll of a bank was, in ms since 1970 by Z2's clock; null where its log does not reach back to one.
 * The log's own times only count against one another, since nobody documents their zone.
 */
export function lastGoodPoll(bank: Bank, log: Log | undefined): number | null {
  if (log?.state !== 'file' || log.changed === undefined) return null
  const changedMs = log.changed * 1000
  if (latestEvidence(bank, log.events).kind === 'good') return changedMs
  const good = timeOf(log.events.findLast(({ kind }) => proofs.has(kind)))
  const last = timeOf(log.events.at(-1))
  return good === null || last === null || last < good ? null : changedMs - (last - good)
}

const timeOf = (event: LogEvent | undefined): number | null => parseLoginTime(event?.time ?? '')
