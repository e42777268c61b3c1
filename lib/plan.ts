import { type Finding, runbookPath, type Verdict } from './finding.ts'
import type { Declaration, Invariant } from './invariant.ts'
import { judgeBindMount } from './judge/bind-mount.ts'
import { judgeAddress, judgeContainer, judgeContainerIdentity } from './judge/container.ts'
import type { Context } from './judge/context.ts'
import { judgeCredentialsFile } from './judge/credentials-file.ts'
import { judgeDataFolder } from './judge/data-folder.ts'
import { judgeLastPoll } from './judge/last-poll.ts'
import { besideLease } from './judge/lease.ts'
import { judgeLegacyUnit } from './judge/legacy-unit.ts'
import { judgeTimer } from './judge/timer.ts'
import { judgeTokenAge } from './judge/token-age.ts'
import { judgeTokenFile } from './judge/token-file.ts'
import { judgeTransitCopy } from './judge/transit-copy.ts'
import { inLine } from './mask.ts'
import { upCommand } from './next-step.ts'
import type { Seen } from './seen.ts'

function judge(one: Invariant, context: Context): Verdict {
  switch (one.kind) {
    case 'container-identity':
      return judgeContainerIdentity(one, context)
    case 'container':
      return judgeContainer(one, context)
    case 'address':
      return judgeAddress(one, context)
    case 'bind-mount':
      return judgeBindMount(one, context)
    case 'data-folder':
      return judgeDataFolder(one, context)
    case 'token-file':
      return judgeTokenFile(one, context)
    case 'token-age':
      return judgeTokenAge(one, context)
    case 'credentials-file':
      return judgeCredentialsFile(one, context)
    case 'timer':
      return judgeTimer(one, context)
    case 'last-poll':
      return judgeLastPoll(one, context)
    case 'legacy-unit':
      return judgeLegacyUnit(one, context)
    case 'transit-copy':
      return judgeTransitCopy(one, context)
  }
}

/**
 * Compares what must be true with what was seen: one finding per invariant, in the order of the declaration.
 * @param stack for the commands that the findings name
 */
export function plan(declaration: Declaration, seen: Seen, stack: string): Finding[] {
  const context: Context = { config: declaration.config, declaration, seen, stack }
  const verdicts = new Map(
    declaration.invariants.map((one) => [one.id, besideLease(one, judge(one, context), context)]),
  )
  return declaration.invariants.map((one) => {
    const verdict = verdicts.get(one.id) as Verdict
    const cause = verdict.state === 'holds' ? null : rootCause(verdict, verdicts)
    return {
      id: one.id,
      place: one.place,
      kind: one.kind,
      name: one.name,
      state: verdict.state,
      want: verdict.want,
      seen: inLine(verdict.seen),
      why: one.why,
      runbook: runbookPath(one),
      next: cause ? '' : verdict.state === 'differs' ? upCommand(stack) : inLine(verdict.next ?? ''),
      cause,
      ...(verdict.poll && { poll: verdict.poll }),
    }
  })
}

// The cause of a cause is the one to name; a cause that holds after all explains nothing, and is dropped.
function rootCause({ cause }: Verdict, verdicts: Map<string, Verdict>): string | null {
  const on = cause === undefined ? undefined : verdicts.get(cause)
  if (cause === undefined || on === undefined || on.state === 'holds') return null
  return rootCause(on, verdicts) ?? cause
}

/** What the findings come to. What hangs on another finding counts as unknown here and decides nothing. */
export type Summary = { holds: number; differs: number; needsPerson: number; unknown: number }

export function summarise(findings: Finding[]): Summary {
  const count = (state: Finding['state']): number =>
    findings.filter((one) => (one.cause ? 'unknown' : one.state) === state).length
  return {
    holds: count('holds'),
    differs: count('differs'),
    needsPerson: count('needs-person'),
    unknown: count('unknown'),
  }
}

/** What could not be looked at for a reason of its own, not because of another finding. */
export const blind = (findings: Finding[]): Finding[] =>
  findings.filter(({ state, cause }) => state === 'unknown' && cause === null)
