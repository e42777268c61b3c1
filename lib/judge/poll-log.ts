import { clock, inWords } from '../age.ts'
import type { Verdict } from '../finding.ts'
import { fileNames, type InvariantOf } from '../invariant.ts'
import { type Evidence, latestEvidence } from '../log-evidence.ts'
import { approve, logIn, lookAtService, lookInApp, verify } from '../next-step.ts'
import type { Log } from '../seen.ts'
import { waitsForRestart } from '../systemd-unit.ts'
import { consentOf } from './consent.ts'
import { type Context, hanging, inside } from './context.ts'
import { judgeTimer } from './timer.ts'

type LastPoll = InvariantOf<'last-poll'>

/** Bank or network trouble passes by itself; after an hour somebody should look. */
const patienceMs = 3_600_000

/** How long Monzo's prompt may take to be tapped; after that it has been lost, and a login is allowed. */
const approvalMs = 24 * 3_600_000

export const wantedPoll = 'a good poll, and no later failure'
const want = wantedPoll

/** What a bank's log and service say of its polls, whatever logins are under way. The latest evidence wins. */
export function judgePollLog(invariant: LastPoll, context: Context, log: Log): Verdict {
  const { bank } = invariant
  const { seen, config, stack } = context
  const changedMs = (log.changed ?? 0) * 1000
  const ageMs = seen.host.nowMs - changedMs
  const evidence = latestEvidence(bank, log.events)
  const tokenMs = (seen.host.files.get(fileNames[bank].token)?.changed ?? 0) * 1000
  // A file that is newer than the log's last line is a login that has not been polled with yet.
  const unproven = (evidence.kind === 'dead' || evidence.kind === 'approval') && tokenMs > changedMs
  if (evidence.kind === 'dead' && !unproven) {
    const isForced = seen.mac[bank].token.state !== 'absent'
    const says = `refresh token dead: ${evidence.says}, ${inWords(ageMs)} ago`
    return needed(says, logIn(bank, stack, isForced), 'refresh-dead')
  }
  if (evidence.kind === 'approval' && !unproven) return judgeApproval(evidence, changedMs, context)
  const look = inside(context, want)
  if ('verdict' in look) return look.verdict
  const service = look.answered.units.get(invariant.service)
  const isLong = evidence.kind === 'trouble' && (evidence.forMs ?? 0) >= patienceMs
  if (service && waitsForRestart(service) && service.result !== 'success') {
    // The documented service has no Restart=, and one more start of it is what systemd does already.
    const text = `${invariant.service} fails (${service.result}) and is started again and again`
    return needed(text, lookAtService(config, invariant.service), 'poll-failed')
  }
  if (service?.activeState === 'failed' && !unproven && !isLong) {
    const text = `${invariant.service} failed (${service.result}), ${inWords(ageMs)} ago`
    return { state: 'differs', want, seen: text, poll: 'poll-failed' }
  }
  const { stalledIntervals, pollMinutes } = config.thresholds
  const newestMs = Math.min(ageMs, seen.host.nowMs - tokenMs)
  if ((unproven ? newestMs : ageMs) > stalledIntervals * pollMinutes * 60_000) {
    return judgeStalled(invariant, context, `no new line in ${invariant.log} for ${inWords(ageMs)}`)
  }
  if (unproven) return held(`new tokens ${inWords(newestMs)} ago, not polled with yet`, 'healthy')
  if (evidence.kind === 'trouble') return judgeTrouble(evidence, invariant, context)
  if (evidence.kind === 'good')
    return held(`last poll ${clock(changedMs, seen.host.nowMs)}, ${evidence.says}`, 'healthy')
  return needed(`nothing in ${invariant.log} that is known`, verify(bank, stack), 'stalled')
}

/** Nothing new in the log: the timer is where to look first. */
export function judgeStalled({ bank, service }: LastPoll, context: Context, says: string): Verdict {
  const timer = context.declaration.invariants.find((one) => one.kind === 'timer' && one.bank === bank)
  const verdict = timer?.kind === 'timer' ? judgeTimer(timer, context) : undefined
  if (verdict?.cause) return hanging(want, verdict.cause, says)
  if (timer && verdict && verdict.state !== 'holds') return hanging(want, timer.id, says)
  return needed(`${says}, though the timer runs`, lookAtService(context.config, service), 'stalled')
}

type Failing = Extract<Evidence, { forMs: unknown }>

/** A 403 of Monzo's. The recorded login decides how long it may wait; without one, how long the log has said so. */
function judgeApproval({ says, forMs }: Failing, changedMs: number, context: Context): Verdict {
  const { loginMs } = consentOf(context, 'monzo')
  const waitedMs = loginMs === null ? forMs : changedMs - loginMs
  const ago = `${inWords(context.seen.host.nowMs - changedMs)} ago`
  if (waitedMs === null || waitedMs <= approvalMs)
    return needed(`approval pending: ${says}, ${ago}`, approve, 'approval-pending')
  const since = loginMs === null ? `for ${inWords(waitedMs)}` : `${inWords(waitedMs)} after the login`
  const next = lookInApp(logIn('monzo', context.stack, context.seen.mac.monzo.token.state !== 'absent'))
  return needed(`approval lapsed: ${says}, ${since}`, next, 'approval-lapsed')
}

function judgeTrouble({ says, forMs }: Failing, { log, service }: LastPoll, { config }: Context): Verdict {
  if (forMs === null || forMs < patienceMs)
    return held(`${says} in ${log}; the poller tries again by itself`, 'bank-trouble')
  return needed(`${says} for ${inWords(forMs)}`, lookAtService(config, service), 'bank-trouble')
}

const held = (seen: string, poll: Verdict['poll']): Verdict => ({
  state: 'holds',
  want,
  seen,
  ...(poll && { poll }),
})

const needed = (seen: string, next: string, poll: Verdict['poll']): Verdict => ({
  state: 'needs-person',
  want,
  seen,
  next,
  ...(poll && { poll }),
})
