import { exitCode } from './exit-code.ts'
import type { Finding } from './finding.ts'
import { type Bank, fileNames } from './invariant.ts'
import { approve, logIn } from './next-step.ts'

/** One word for the state of a bank, as the runbooks tell states apart. The first that fits counts. */
export type DoctorVerdict =
  | 'unknown'
  | 'container-down'
  | 'tokens-missing'
  | 'tokens-unreadable'
  | 'refresh-dead'
  | 'approval-pending'
  | 'timer-stopped'
  | 'stalled'
  | 'poll-failed'
  | 'bank-trouble'
  | 'consent-ending'
  | 'healthy'

/** What the doctor says of one bank. */
export type Diagnosis = {
  bank: Bank
  verdict: DoctorVerdict
  /** what was seen, one clause */
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

const noLogin = 'log in again: it would throw a good token away'

const meaning: Record<DoctorVerdict, { why: (bank: Bank) => string; dont?: string }> = {
  unknown: { why: () => 'it could not be looked at, so nothing is known' },
  'container-down': {
    why: () => 'both pollers live in the container; nothing polls until it is as documented',
  },
  'tokens-missing': { why: () => 'without its token file the poller cannot reach the bank' },
  'tokens-unreadable': {
    why: () => 'the poller cannot use its token file; the token itself may be good',
    dont: noLogin,
  },
  'refresh-dead': {
    why: (bank) => `${bank} does not take the refresh token any more; only a login makes a new one`,
  },
  'approval-pending': { why: () => 'the token is good; Monzo waits for your approval in its app' },
  'timer-stopped': { why: () => 'nothing polls; the tokens have nothing to do with it', dont: noLogin },
  stalled: { why: () => 'the timer fires and yet no poll says anything; look at the service' },
  'poll-failed': { why: () => 'the service failed, and not for want of a token', dont: noLogin },
  'bank-trouble': { why: () => 'the network or the bank, not the token; it passes by itself', dont: noLogin },
  'consent-ending': { why: () => 'polls run fine; the consent ends soon, and a login now costs no outage' },
  healthy: { why: () => 'polls run as they should' },
}

/**
 * One verdict for one bank, from the findings of one look. Talks to nobody and holds no token.
 * @param up the command that repairs what `differs`
 */
export function diagnose(bank: Bank, findings: Finding[], up: string): Diagnosis {
  const { verdict, finding } = decide(bank, findings)
  const { why, dont } = meaning[verdict]
  const next =
    finding.state === 'differs' ? up : finding.state === 'holds' ? '' : finding.next || nextOf(verdict, bank)
  return {
    bank,
    verdict,
    // The verdict says the same words already.
    what: finding.seen.replace(/^(refresh token dead|approval pending): /, ''),
    why: why(bank),
    next,
    ...(dont !== undefined && { dont }),
    runbook: finding.runbook,
    exitCode: codeOf(finding),
  }
}

const nextOf = (verdict: DoctorVerdict, bank: Bank): string =>
  verdict === 'approval-pending' ? approve : verdict === 'refresh-dead' ? logIn(bank) : ''

function decide(bank: Bank, findings: Finding[]): { verdict: DoctorVerdict; finding: Finding } {
  const of = (kind: Finding['kind'], name?: string): Finding | undefined =>
    findings.find((one) => one.kind === kind && (name === undefined || one.name === name))
  const off = (finding: Finding | undefined): finding is Finding =>
    finding !== undefined && finding.state !== 'holds' && finding.cause === null
  const poll = of('last-poll', bank) as Finding
  const told = (verdict: DoctorVerdict, finding: Finding) => ({
    verdict: finding.state === 'unknown' ? ('unknown' as const) : verdict,
    finding,
  })
  for (const kind of ['container-identity', 'container'] as const) {
    const finding = of(kind)
    if (off(finding)) return told('container-down', finding)
  }
  const tokens = of('token-file', fileNames[bank].token)
  const root = findings.find(({ id }) => id === tokens?.cause)
  if (root) return told('tokens-unreadable', root)
  if (off(tokens)) return told(tokens.state === 'differs' ? 'tokens-unreadable' : 'tokens-missing', tokens)
  if (poll.poll === 'refresh-dead' || poll.poll === 'approval-pending') return told(poll.poll, poll)
  const timer = of('timer', `bulma-poll-${bank}.timer`)
  if (off(timer)) return told('timer-stopped', timer)
  if (poll.poll !== undefined && poll.poll !== 'healthy') return told(poll.poll, poll)
  const age = of('token-age', fileNames[bank].token)
  if (off(age)) return told('consent-ending', age)
  return { verdict: poll.state === 'holds' ? 'healthy' : 'unknown', finding: poll }
}

function codeOf({ state }: Finding): number {
  if (state === 'unknown') return exitCode.couldNotLook
  if (state === 'needs-person') return exitCode.personNeeded
  return state === 'differs' ? exitCode.differs : exitCode.asWanted
}

const gravity: number[] = [exitCode.couldNotLook, exitCode.personNeeded, exitCode.differs, exitCode.asWanted]

/** The exit code of several diagnoses: the worst of them, 3 before 4 before 2 before 0. */
export const worst = (diagnoses: Diagnosis[]): number =>
  gravity.find((code) => diagnoses.some((one) => one.exitCode === code)) ?? exitCode.asWanted
