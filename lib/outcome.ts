import { exitCode } from './exit-code.ts'
import type { Finding } from './finding.ts'
import type { Declaration } from './invariant.ts'
import { blind } from './plan.ts'
import type { Seen } from './seen.ts'

/** The exit code of a look: the worst finding decides. What hangs on another finding counts with that one. */
export function outcome(findings: Finding[]): number {
  const has = (state: Finding['state']): boolean =>
    findings.some((one) => one.state === state && one.cause === null)
  if (blind(findings).length > 0) return exitCode.couldNotLook
  if (has('needs-person')) return exitCode.personNeeded
  if (has('differs')) return exitCode.differs
  return exitCode.asWanted
}

/** What a look came to, as `npm run drift -- --json` prints it. */
export type Look = {
  stack: string
  host: string
  /** the container, as `ct109 bulma-finance` */
  container: string
  /** ISO 8601, by this machine's clock */
  lookedAt: string
  tookMs: number
  findings: Finding[]
}

/** A look with what it was made from: the doctor tells more of a bank than the findings do. */
export type Observed = { declaration: Declaration; look: Look; seen: Seen }
