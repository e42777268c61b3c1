import { clock } from './age.ts'
import { meaning } from './doctor-meaning.ts'
import { type DoctorVerdict, decide } from './doctor-verdict.ts'
import { exitCode, worstOf } from './exit-code.ts'
import type { Finding } from './finding.ts'
import type { Bank } from './invariant.ts'
import { consentOf, leftOf } from './judge/consent.ts'
import type { Context } from './judge/context.ts'
import { afterwards, leaseOf } from './judge/lease.ts'
import { unfinished, unfinishedLogin } from './judge/unfinished.ts'
import { withoutControls } from './mask.ts'
import { approveBefore, upCommand, verify } from './next-step.ts'
import type { Observed } from './outcome.ts'
import type { Lines } from './problem.ts'
import type { MacBank } from './seen.ts'

export type { DoctorVerdict } from './doctor-verdict.ts'

/** What the doctor says of one bank. */
export type Diagnosis = {
  bank: Bank
  verdict: DoctorVerdict
  /** what was seen, one clause or two with a dot between them */
  what: string
  /** what that means, one sentence */
  why: string
  /** the one next command or act; empty when there is nothing to do */
  next: string
  /** what must not be done, where it would do harm */
  dont?: string
  runbook: string
  exitCode: number
}

/** One verdict for one bank, from one look. Talks to nobody and holds no token. */
export function diagnose(bank: Bank, { declaration, look, seen }: Observed): Diagnosis {
  const context: Context = { config: declaration.config, declaration, seen, stack: look.stack }
  const { verdict, finding } = decide(bank, look.findings)
  const { dont } = meaning[verdict]
  return {
    bank,
    verdict,
    what: withoutControls(whatOf(verdict, finding, bank, context)),
    why: whyOf(verdict, bank, context),
    next: nextOf(verdict, finding, bank, context),
    ...(dont !== undefined && { dont }),
    runbook: finding.runbook,
    exitCode: codeOf(finding),
  }
}

/**
 * What is left to say of a bank when Z2 could not be looked at.
 * @param problem why it could not, and what to try
 * @param nowMs this machine's clock
 */
export function unreachable(bank: Bank, problem: Lines, { journal }: MacBank, nowMs: number): Diagnosis {
  const login = unfinishedLogin(journal, nowMs)
  return {
    bank,
    verdict: 'unreachable',
    what: problem.what,
    why: problem.why,
    next: problem.next,
    ...(login && { dont: `log in again: ${login.says}` }),
    runbook: `docs/runbook/${bank}.md#verify`,
    exitCode: exitCode.couldNotLook,
  }
}

function whatOf(verdict: DoctorVerdict, { seen }: Finding, bank: Bank, context: Context): string {
  if (verdict === 'reauth-running') return leaseOf(context, bank)?.says ?? seen
  const left = leftOf(consentOf(context, bank), maxDaysOf(bank, context), context.seen.host.nowMs)
  if (verdict === 'healthy' && left) return `${seen} · ${left}`
  if (verdict === 'consent-ending') return left || seen
  // The verdict says the same words already.
  return seen.replace(/^(refresh token dead|approval pending|approval lapsed): /, '')
}

function maxDaysOf(bank: Bank, { declaration }: Context): number | null {
  const age = declaration.invariants.find((one) => one.kind === 'token-age' && one.bank === bank)
  return age?.kind === 'token-age' ? age.maxDays : null
}

function whyOf(verdict: DoctorVerdict, bank: Bank, context: Context): string {
  const isAgeKnown = consentOf(context, bank).loginMs !== null
  if (verdict === 'consent-ending' && !isAgeKnown) return 'polls run fine; nobody knows when the consent ends'
  return meaning[verdict].why(bank)
}

function nextOf(verdict: DoctorVerdict, finding: Finding, bank: Bank, context: Context): string {
  const { seen, stack } = context
  const held = leaseOf(context, bank)
  if (verdict === 'reauth-running' && held) return afterwards(held, bank, context)
  if (finding.state === 'differs') return upCommand(stack)
  if (finding.state === 'holds') return ''
  if (verdict !== 'approval-pending') return finding.next
  const { inside, nowMs } = seen.host
  const timer = inside.state === 'answered' ? inside.units.get(`bulma-poll-${bank}.timer`) : undefined
  const pollMs = timer?.activeState === 'active' ? timer.nextRealtimeMs : null
  const finish = unfinished(context, bank) ? verify(bank, stack) : ''
  return approveBefore(pollMs === null || pollMs < nowMs ? '' : clock(pollMs, nowMs), finish)
}

function codeOf({ state }: Finding): number {
  if (state === 'unknown') return exitCode.couldNotLook
  if (state === 'needs-person') return exitCode.personNeeded
  return state === 'differs' ? exitCode.differs : exitCode.asWanted
}

/** The exit code of several diagnoses: the worst of them, 3 before 4 before 2 before 0. */
export const worst = (diagnoses: Diagnosis[]): number => worstOf(diagnoses.map((one) => one.exitCode))
