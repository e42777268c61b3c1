import type { Bank } from '../../lib/invariant.ts'
import type { Observed } from '../../lib/outcome.ts'
import { plan } from '../../lib/plan.ts'
import type { LogEvent } from '../../lib/probe-record.ts'
import type { Seen } from '../../lib/seen.ts'
import { type Telling, telling } from '../../lib/watch/change.ts'
import type { Entry } from '../../lib/watch/entry.ts'
import { lookEntry } from '../../lib/watch/look-entry.ts'
import { sightOf } from '../../lib/watch/trouble.ts'
import { answered, healthy, liveLease, nowMs, present } from '../healthy.ts'

/** One thing that is changed in a healthy world. */
export type Change = (seen: Seen) => void

/** A look at a healthy world with some things changed. */
export function observed(changes: Change[] = [], at = new Date(nowMs).toISOString(), stack = 'z2'): Observed {
  const { declaration, seen } = healthy()
  for (const change of changes) change(seen)
  const findings = plan(declaration, seen, stack)
  const container = 'ct109 bulma-finance'
  return {
    declaration,
    seen,
    look: { stack, host: 'hinata-z2', container, lookedAt: at, tookMs: 312, findings },
  }
}

/** The log of a bank ends with this line. */
export const says =
  (bank: Bank, kind: LogEvent['kind']): Change =>
  (seen) => {
    present(seen.host.logs, `poll-${bank}.log`).events = [
      { kind: 'transactions', time: '2026-11-22 02:00:00' },
      { kind, time: '2026-11-22 04:00:00' },
    ]
  }
export const deadMonzo = says('monzo', 'bad-refresh-token')
export const pendingMonzo = says('monzo', 'forbidden')
export const deadTruelayer = says('truelayer', 'invalid-grant')
export const stoppedTimer =
  (bank: Bank): Change =>
  (seen) => {
    const { units } = answered(seen)
    const name = `bulma-poll-${bank}.timer`
    units.set(name, { ...present(units, name), activeState: 'inactive' })
  }
export const stoppedContainer: Change = (seen) => {
  seen.host.inside = { state: 'stopped', says: 'stopped' }
}
export const silentContainer: Change = (seen) => {
  seen.host.inside = { state: 'unknown', why: 'pct exec did not answer in time' }
}
export const loginAtMonzo: Change = (seen) => {
  seen.host.logins.monzo.lease = liveLease
}
export const brokenLease: Change = (seen) => {
  seen.host.logins.monzo.lease = { state: 'broken', why: 'it is not a JSON object' }
}
export const oldLogin =
  (days: number): Change =>
  ({ host }) => {
    present(host.files, 'tokens_truelayer.json').time = new Date(nowMs - days * 86_400_000).toISOString()
  }

/** What a look of the schedule sees: a world with changes, or nothing. */
export type Sighting = Change[] | 'blind'

/** A schedule that looks, tells and remembers as the real one does, at times of its own. */
export class Schedule {
  history: Entry[] = []
  readonly told: Telling[] = []

  /**
   * One look. Returns the title of what is told, with the ways it goes where it goes not all; empty where nothing is.
   * @param at local (UTC) time of the day that `day` begins
   * @param refusing the ways that do not take it now, of ntfy and desktop
   */
  look(at: string, sighting: Sighting, refusing: string[] = [], day = 0): string {
    const time = new Date(Date.parse(`2026-11-22T${at}:00.000Z`) + day * 86_400_000)
    const iso = time.toISOString()
    const blind = { why: 'Connection refused', next: 'ssh hinata-z2 true' }
    const seen = sighting === 'blind' ? null : observed(sighting, iso)
    const place = { stack: 'z2', host: 'hinata-z2', nowMs: time.getTime(), failures: 3, remindAt: '09:00' }
    const found = telling(this.history, seen ? sightOf(seen) : blind, place)
    this.history.push(
      seen ? lookEntry(seen, 'schedule') : { v: 1, at: iso, kind: 'unseen', by: 'schedule', why: blind.why },
    )
    if (!found) return ''
    this.told.push(found)
    const ways = found.only ?? ['ntfy', 'desktop']
    const how = ways.filter((way) => !refusing.includes(way))
    const failed = ways.filter((way) => refusing.includes(way))
    const { title } = found.message
    if (how.length > 0)
      this.history.push({ v: 1, at: iso, kind: 'told', what: title, how, failed, open: found.open })
    return found.only ? `${title} (${found.only.join()})` : title
  }
}
