import { inWords } from '../age.ts'
import type { Verdict } from '../finding.ts'
import { fileNames, type InvariantOf } from '../invariant.ts'
import { latestEvidence } from '../log-evidence.ts'
import { approve, logIn, verify } from '../next-step.ts'
import type { Log } from '../seen.ts'
import { type Context, hanging, idOf, inside } from './context.ts'
import { judgeTimer } from './timer.ts'
import { fileFault } from './token-file.ts'

type LastPoll = InvariantOf<'last-poll'>

/** Bank or network trouble passes by itself; after an hour somebody should look. */
const patienceMs = 3_600_000

/** The doctor's verdict on a bank from its log and service. The latest evidence wins. */
export function judgeLastPoll(invariant: LastPoll, context: Context): Verdict {
  const { bank, log: name } = invariant
  const { seen } = context
  const want = 'a good poll, and no later failure'
  const token = fileNames[bank].token
  if (fileFault(seen.host.files.get(token), context, token))
    return hanging(want, idOf(context, 'token-file', token))
  const log = seen.host.logs.get(name)
  if (!log || log.state === 'unreadable') {
    return {
      state: 'unknown',
      want,
      seen: `${name} cannot be read: ${log?.why ?? 'the look says nothing of it'}`,
    }
  }
  if (log.state === 'absent') return stalled(invariant, context, want, `no ${name} yet`)
  if (log.state !== 'file')
    return { state: 'needs-person', want, seen: `${name} is not a regular file`, next: verify(bank) }
  return judgeLog(invariant, context, want, log)
}

function judgeLog(invariant: LastPoll, context: Context, want: string, log: Log): Verdict {
  const { bank } = invariant
  const { seen, config } = context
  const ageMs = seen.host.nowMs - (log.changed ?? 0) * 1000
  const ago = `${inWords(ageMs)} ago`
  const evidence = latestEvidence(bank, log.events)
  const tokenChanged = seen.host.files.get(fileNames[bank].token)?.changed ?? 0
  // A file that is newer than the log's last line is a login that has not been polled with yet.
  const unproven =
    (evidence.kind === 'dead' || evidence.kind === 'approval') && tokenChanged > (log.changed ?? 0)
  if (evidence.kind === 'dead' && !unproven) {
    return {
      state: 'needs-person',
      want,
      seen: `refresh token dead: ${evidence.says}, ${ago}`,
      next: logIn(bank),
      poll: 'refresh-dead',
    }
  }
  if (evidence.kind === 'approval' && !unproven) {
    return {
      state: 'needs-person',
      want,
      seen: `approval pending: ${evidence.says}, ${ago}`,
      next: approve,
      poll: 'approval-pending',
    }
  }
  const look = inside(context, want)
  if ('verdict' in look) return look.verdict
  const service = look.answered.units.get(invariant.service)
  const isLong = evidence.kind === 'trouble' && (evidence.forMs ?? 0) >= patienceMs
  if (service?.activeState === 'failed' && !unproven && !isLong) {
    const text = `${invariant.service} failed (${service.result}), ${ago}`
    return { state: 'differs', want, seen: text, poll: 'poll-failed' }
  }
  const { stalledIntervals, pollMinutes } = config.thresholds
  const newestMs = Math.min(ageMs, seen.host.nowMs - tokenChanged * 1000)
  if ((unproven ? newestMs : ageMs) > stalledIntervals * pollMinutes * 60_000) {
    return stalled(invariant, context, want, `no new line in ${invariant.log} for ${inWords(ageMs)}`)
  }
  if (unproven)
    return {
      state: 'holds',
      want,
      seen: `new tokens ${inWords(newestMs)} ago, not polled with yet`,
      poll: 'healthy',
    }
  if (evidence.kind === 'trouble') return trouble(want, evidence, invariant)
  if (evidence.kind === 'good')
    return { state: 'holds', want, seen: `${evidence.says}, ${ago}`, poll: 'healthy' }
  return {
    state: 'needs-person',
    want,
    seen: `nothing in ${invariant.log} that is known`,
    next: verify(bank),
    poll: 'stalled',
  }
}

/** Nothing new in the log: the timer is where to look first. */
function stalled(invariant: LastPoll, context: Context, want: string, says: string): Verdict {
  const timer = context.declaration.invariants.find(
    (one) => one.kind === 'timer' && one.bank === invariant.bank,
  )
  const verdict = timer?.kind === 'timer' ? judgeTimer(timer, context) : undefined
  if (verdict?.cause) return hanging(want, verdict.cause, says)
  if (timer && verdict && verdict.state !== 'holds') return hanging(want, timer.id, says)
  const seen = `${says}, though the timer runs`
  return { state: 'needs-person', want, seen, next: verify(invariant.bank), poll: 'stalled' }
}

function trouble(
  want: string,
  evidence: { says: string; forMs: number | null },
  { bank, log }: LastPoll,
): Verdict {
  const { forMs } = evidence
  if (forMs === null || forMs < patienceMs) {
    const seen = `${evidence.says} in ${log}; the poller tries again by itself`
    return { state: 'holds', want, seen, poll: 'bank-trouble' }
  }
  const seen = `${evidence.says} for ${inWords(forMs)}`
  return { state: 'needs-person', want, seen, next: verify(bank), poll: 'bank-trouble' }
}
