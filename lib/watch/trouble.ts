import { diagnose } from '../diagnosis.ts'
import { decide } from '../doctor-verdict.ts'
import type { Finding } from '../finding.ts'
import type { Bank } from '../invariant.ts'
import type { Observed } from '../outcome.ts'
import { nameOfId, partsOfId } from './invariant-name.ts'
import { loginOf } from './login-rest.ts'
import { banks } from './look-entry.ts'

/** One thing that is not as wanted. What hangs on it is not told beside it. */
export type Trouble = {
  /** the id of its finding and what it came to: the same trouble has the same key at the next look */
  key: string
  /** `monzo: refresh dead`, `ct109 container 109` */
  name: string
  /** what was seen */
  what: string
  /** what breaks by it, where that is more than its name says */
  why?: string
  next: string
  /** what must not be done about it, where that would do harm */
  dont?: string
  state: Exclude<Finding['state'], 'holds'>
  /** the bank that it stops, where it is just one */
  bank?: Bank
}

/** What one look has to say. `left`: ids that it could not judge, or that somebody who logs in is at work on. */
export type Sight = { troubles: Trouble[]; left: Set<string>; holds: number }

/** Everything that is not as wanted for a reason of its own, what only a person can mend first. */
export function troublesOf(observed: Observed): Trouble[] {
  const roots = observed.look.findings.filter(({ state, cause }) => state !== 'holds' && cause === null)
  const all = roots.map((one) => troubleOf(one, observed))
  return [
    ...all.filter(({ state }) => state === 'needs-person'),
    ...all.filter(({ state }) => state !== 'needs-person'),
  ]
}

/** What a person would have to be told of a look. */
export function sightOf(observed: Observed): Sight {
  const { findings } = observed.look
  const theirs = findings.filter(({ id }) => loginOf(id, observed) !== null)
  const resting = new Set(theirs.map(({ id }) => id))
  const left = findings.filter(({ id, state }) => state === 'unknown' || resting.has(id))
  return {
    troubles: troublesOf(observed).filter(({ key }) => !resting.has(idOfKey(key))),
    left: new Set(left.map(({ id }) => id)),
    holds: findings.filter(({ state }) => state === 'holds').length,
  }
}

function troubleOf(finding: Finding, observed: Observed): Trouble {
  const stopped = banks.filter((bank) => decide(bank, observed.look.findings).finding.id === finding.id)
  const { state, seen, next, why } = finding
  const key = keyOf(finding)
  const [bank] = stopped
  if (state === 'holds') throw new Error(`${finding.id} holds`)
  if (stopped.length !== 1 || bank === undefined)
    return { key, name: nameOf(key), what: seen, why, next, state }
  const said = diagnose(bank, observed)
  return {
    key,
    name: `${bank}: ${said.verdict.replaceAll('-', ' ')}`,
    what: said.what,
    next: said.next,
    ...(said.dont !== undefined && { dont: said.dont }),
    state,
    bank,
  }
}

const keyOf = ({ id, poll, state }: Finding): string => `${id}|${poll ?? state}`

/** The id of the finding that a key speaks of. */
export const idOfKey = (key: string): string => key.slice(0, key.lastIndexOf('|'))

/** A key in words, when its trouble is over: `monzo: refresh dead`, `ct109 timer bulma-poll-monzo.timer`. */
export function nameOf(key: string): string {
  const id = idOfKey(key)
  const { kind, name } = partsOfId(id)
  if (kind === 'last poll') return `${name}: ${key.slice(key.lastIndexOf('|') + 1).replaceAll('-', ' ')}`
  return nameOfId(id)
}
