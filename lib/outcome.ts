import { exitCode } from './exit-code.ts'
import type { Finding } from './finding.ts'
import { blind } from './plan.ts'

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
