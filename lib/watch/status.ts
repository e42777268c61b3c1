import type { Diagnosis } from '../diagnosis.ts'
import { exitCode } from '../exit-code.ts'
import type { Finding } from '../finding.ts'
import { upCommand } from '../next-step.ts'
import { type Observed, outcome } from '../outcome.ts'
import { type Summary, summarise } from '../plan.ts'
import type { Lines } from '../problem.ts'
import { type BankStatus, bankStatus } from './bank-status.ts'
import type { Entry } from './entry.ts'
import { banks } from './look-entry.ts'
import { troublesOf } from './trouble.ts'

/** One thing to do, in the order in which to do it. */
export type Step = { command: string; why: string }

/** What does not hold, causes only; `hanging` counts what waits for it. */
export type Off = Pick<Finding, 'id' | 'place' | 'kind' | 'name' | 'seen'> & {
  state: Exclude<Finding['state'], 'holds'>
  hanging: number
}

/** The schedule's last look, null where there was none; `isSilent`: it should have looked since. */
export type Watched = { lookedAt: string | null; isSilent: boolean }

/** One screen. `problem`: why nothing was seen; `drift` is null then. Times are ISO 8601. */
export type Status = {
  stack: string
  host: string
  container: string
  lookedAt: string
  tookMs: number
  exitCode: number
  problem: Pick<Lines, 'what' | 'why'> | null
  banks: BankStatus[]
  drift: { summary: Summary; off: Off[] } | null
  next: Step[]
  watched: Watched
}

/**
 * What a look comes to on one screen.
 * @param history for what the look itself cannot tell
 * @param everyMinutes of the schedule
 */
export function statusOf(observed: Observed, history: Entry[], everyMinutes: number): Status {
  const { findings, ...head } = observed.look
  const summary = summarise(findings)
  const off = findings.flatMap(({ id, place, kind, name, seen, state, cause }): Off[] => {
    if (state === 'holds' || cause !== null) return []
    const hanging = findings.filter((one) => one.cause === id).length
    return [{ id, place, kind, name, seen, state, hanging }]
  })
  const up = {
    command: upCommand(head.stack),
    why: `mends ${summary.differs === 1 ? 'it' : `the ${summary.differs}`}`,
  }
  const others = troublesOf(observed).filter(({ state }) => state !== 'differs')
  const steps = others.map(({ name, next }): Step => ({ command: next, why: name }))
  return {
    ...head,
    exitCode: outcome(findings),
    problem: null,
    banks: banks.map((bank) => {
      const status = bankStatus(bank, observed)
      return { ...status, lastGood: status.lastGood ?? lastGoodOf(history, bank) }
    }),
    drift: { summary, off },
    next: unique([...(summary.differs > 0 ? [up] : []), ...steps]),
    watched: watchedOf(history, head.lookedAt, everyMinutes),
  }
}

/** The same where nothing could be looked at: what is known is of earlier looks. */
export function blindStatus(
  head: Pick<Status, 'stack' | 'host' | 'container' | 'lookedAt' | 'tookMs'>,
  { what, why, next }: Lines,
  diagnoses: Diagnosis[],
  history: Entry[],
  everyMinutes: number,
): Status {
  const none = { finding: '', nextPoll: null, isPolling: false, consent: null }
  return {
    ...head,
    exitCode: exitCode.couldNotLook,
    problem: { what, why },
    banks: diagnoses.map((one) => ({
      ...one,
      ...none,
      lastGood: lastGoodOf(history, one.bank),
      before: verdictBefore(history, one.bank),
    })),
    drift: null,
    next: [{ command: next, why: '' }],
    watched: watchedOf(history, head.lookedAt, everyMinutes),
  }
}

function verdictBefore(history: Entry[], bank: BankStatus['bank']): BankStatus['before'] {
  const look = history.findLast((entry) => entry.kind === 'look')
  const verdict = look?.kind === 'look' && look.banks.find((one) => one.bank === bank)?.verdict
  return look && verdict ? { verdict, at: look.at } : null
}

function lastGoodOf(history: Entry[], bank: BankStatus['bank']): string | null {
  const looks = history.flatMap((entry) => (entry.kind === 'look' ? entry.banks : []))
  return looks.findLast((one) => one.bank === bank && one.lastGood !== null)?.lastGood ?? null
}

/** As many times the usual interval may pass, since a machine that sleeps looks at nothing. */
const patience = 3

function watchedOf(history: Entry[], lookedAt: string, everyMinutes: number): Watched {
  const looks = history.filter(
    (entry) => (entry.kind === 'look' || entry.kind === 'unseen') && entry.by === 'schedule',
  )
  const [before, last] = looks.slice(-2).map(({ at }) => Date.parse(at))
  const at = looks.at(-1)?.at ?? null
  if (at === null) return { lookedAt: null, isSilent: false }
  // It may have been installed with an interval of its own.
  const usual = Math.max(everyMinutes * minuteMs, (last ?? 0) - (last === undefined ? 0 : (before ?? 0)))
  return { lookedAt: at, isSilent: Date.parse(lookedAt) - Date.parse(at) > patience * usual }
}

const minuteMs = 60_000

const unique = (steps: Step[]): Step[] =>
  steps.filter(
    ({ command }, at) => command !== '' && steps.findIndex((one) => one.command === command) === at,
  )
