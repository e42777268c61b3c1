import type { Invariant, Kind, Place } from './invariant.ts'

/**
 * `differs`: `up` repairs it. `needs-person`: only a person can. `unknown`: it could not be looked at, which is never
 * the same as `holds`.
 */
export type State = 'holds' | 'differs' | 'needs-person' | 'unknown'

/** What a look at a bank's log and service comes to, in the words of the doctor. */
export type PollVerdict =
  | 'healthy'
  | 'refresh-dead'
  | 'approval-pending'
  | 'approval-lapsed'
  | 'consent-ending'
  | 'stalled'
  | 'bank-trouble'
  | 'poll-failed'
  | 'not-pushed'
  | 'reauth-running'

/** What a judge says of one invariant. */
export type Verdict = {
  state: State
  want: string
  seen: string
  /** the command or act that mends it, when it is not `up` */
  next?: string
  /** the id of the finding that this one hangs on: it is shown and counted there */
  cause?: string
  /** of the last poll only */
  poll?: PollVerdict
}

/** One line of every report. */
export type Finding = {
  id: string
  place: Place
  kind: Kind
  name: string
  state: State
  want: string
  seen: string
  why: string
  /** the page and anchor, as docs/runbook/monzo.md#timer */
  runbook: string
  /** empty when it holds, or when its cause says what to do */
  next: string
  cause: string | null
  /** of the last poll only: the doctor goes by it */
  poll?: PollVerdict
}

/** `monzo#timer` as a path of this repository. */
export const runbookPath = ({ runbook }: Pick<Invariant, 'runbook'>): string => {
  const [page, anchor] = runbook.split('#')
  return `docs/runbook/${page}.md#${anchor}`
}
