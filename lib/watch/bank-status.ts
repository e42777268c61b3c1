import { daysBetween } from '../age.ts'
import { type Diagnosis, diagnose } from '../diagnosis.ts'
import { decide } from '../doctor-verdict.ts'
import type { Bank } from '../invariant.ts'
import { consentDays, consentOf, renewalDays } from '../judge/consent.ts'
import type { Observed } from '../outcome.ts'
import { waitsForRestart } from '../systemd-unit.ts'
import { lastGoodPoll } from './poll-time.ts'

/** When a consent ends and from when a login should renew it; times are ISO 8601. */
export type ConsentStatus = {
  endsAt: string
  /** whole days that are left; negative when it is over */
  daysLeft: number
  renewFrom: string
  /** the bank named the end itself; it is counted from the last full login otherwise */
  isNamed: boolean
}

/** A diagnosis with the times that a person plans by. */
export type BankStatus = Diagnosis & {
  /** the id of the finding that the verdict comes from; empty where nothing was seen */
  finding: string
  /** the last good poll; null where nobody knows of one */
  lastGood: string | null
  /** when the timer fires next; null when it does not, or nobody knows */
  nextPoll: string | null
  isPolling: boolean
  /** what the last look saw that saw anything; only where this one did not */
  before: { verdict: string; at: string } | null
  /** null where the bank's consent has no end that is known */
  consent: ConsentStatus | null
}

const dayMs = 86_400_000
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Everything that one screen says of a bank. */
export function bankStatus(bank: Bank, observed: Observed): BankStatus {
  return {
    ...diagnose(bank, observed),
    finding: decide(bank, observed.look.findings).finding.id,
    lastGood: iso(lastGoodPoll(bank, observed.seen.host.logs.get(`poll-${bank}.log`))),
    ...timesOf(bank, observed),
    before: null,
    consent: consentStatus(bank, observed),
  }
}

function timesOf(bank: Bank, { seen }: Observed): { nextPoll: string | null; isPolling: boolean } {
  const { inside, nowMs, monotonicMs } = seen.host
  if (inside.state !== 'answered') return { nextPoll: null, isPolling: false }
  const timer = inside.units.get(`bulma-poll-${bank}.timer`)
  const service = inside.units.get(`bulma-poll-${bank}.service`)
  const isPolling =
    (service?.activeState === 'activating' || service?.activeState === 'active') && !waitsForRestart(service)
  if (timer?.activeState !== 'active') return { nextPoll: null, isPolling }
  const sinceBoot = timer.nextMonotonicMs
  const times = [
    timer.nextRealtimeMs,
    sinceBoot === null || monotonicMs === null ? null : nowMs + sinceBoot - monotonicMs,
  ].filter((ms) => ms !== null)
  const ahead = times.filter((ms) => ms >= nowMs)
  return { nextPoll: iso(ahead.length > 0 ? Math.min(...ahead) : null), isPolling }
}

function consentStatus(bank: Bank, { declaration, seen }: Observed): ConsentStatus | null {
  const { loginMs, endMs } = consentOf({ seen }, bank)
  const age = declaration.invariants.find((one) => one.kind === 'token-age' && one.bank === bank)
  const maxDays = age?.kind === 'token-age' ? age.maxDays : null
  const counted = maxDays === null || loginMs === null ? null : loginMs + consentDays * dayMs
  const end = endMs ?? counted
  if (end === null) return null
  const due = [
    ...(endMs === null ? [] : [endMs - renewalDays * dayMs]),
    ...(maxDays === null || loginMs === null ? [] : [loginMs + maxDays * dayMs]),
  ]
  return {
    endsAt: new Date(end).toISOString(),
    daysLeft: Math.floor(daysBetween(seen.host.nowMs, end)),
    renewFrom: new Date(Math.min(...due)).toISOString(),
    isNamed: endMs !== null,
  }
}
