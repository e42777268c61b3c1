import type { Finding } from './finding.ts'
import { type Bank, fileNames } from './invariant.ts'

/** One word for the state of a bank, as the runbooks tell states apart. The first that fits counts. */
export type DoctorVerdict =
  | 'unreachable'
  | 'not-pushed'
  | 'reauth-running'
  | 'unknown'
  | 'container-down'
  | 'tokens-missing'
  | 'tokens-unreadable'
  | 'refresh-dead'
  | 'approval-pending'
  | 'approval-lapsed'
  | 'timer-stopped'
  | 'stalled'
  | 'poll-failed'
  | 'bank-trouble'
  | 'consent-ending'
  | 'healthy'

/** The first that fits, in the order in which it would have to be mended. */
export function decide(bank: Bank, findings: Finding[]): { verdict: DoctorVerdict; finding: Finding } {
  const poll = findings.find(({ kind, name }) => kind === 'last-poll' && name === bank) as Finding
  if (poll.poll === 'not-pushed') return { verdict: 'not-pushed', finding: poll }
  const found = decideByLook(bank, findings, poll)
  return poll.poll === 'reauth-running' ? { ...found, verdict: 'reauth-running' } : found
}

function decideByLook(
  bank: Bank,
  findings: Finding[],
  poll: Finding,
): { verdict: DoctorVerdict; finding: Finding } {
  const of = (kind: Finding['kind'], name?: string): Finding | undefined =>
    findings.find((one) => one.kind === kind && (name === undefined || one.name === name))
  const off = (finding: Finding | undefined): finding is Finding =>
    finding !== undefined && finding.state !== 'holds' && finding.cause === null
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
  const isLogin = /^(refresh-dead|approval-pending|approval-lapsed)$/.test(poll.poll ?? '')
  if (poll.poll !== undefined && isLogin) return told(poll.poll, poll)
  const timer = of('timer', `bulma-poll-${bank}.timer`)
  if (off(timer)) return told('timer-stopped', timer)
  if (poll.poll !== undefined && poll.poll !== 'healthy') return told(poll.poll, poll)
  const age = of('token-age', fileNames[bank].token)
  if (off(age)) return told('consent-ending', age)
  return { verdict: poll.state === 'unknown' ? 'unknown' : (poll.poll ?? 'unknown'), finding: poll }
}
