import { clock } from '../age.ts'
import type { Bank } from '../invariant.ts'
import type { Journal } from '../login/journal.ts'
import type { Noted } from '../note.ts'
import type { Context } from './context.ts'

/**
 * What an unfinished login on this Mac comes to. `waits`: Z2 does not have it, and nothing must end it. `committed`: Z2
 * has it, and its last steps are still to be done.
 */
export type Unfinished = { kind: 'waits' | 'committed' | 'broken'; says: string }

/** Reads the journal of a bank: null where no login is under way on this Mac. */
export function unfinished({ seen }: Pick<Context, 'seen'>, bank: Bank): Unfinished | null {
  return unfinishedLogin(seen.mac[bank].journal, seen.host.nowMs)
}

/** @param nowMs any clock of today, for the words only */
export function unfinishedLogin(journal: Noted<Journal>, nowMs: number): Unfinished | null {
  if (journal.state === 'absent') return null
  if (journal.state === 'broken') {
    const says = `a login may wait on this Mac: its journal cannot be read (${journal.why})`
    return { kind: 'broken', says }
  }
  const { step, startedAt } = journal.value
  const login = `the login of ${clock(Date.parse(startedAt), nowMs)}`
  if (step === 'committed' || step === 'polled')
    return { kind: 'committed', says: `${login} is on z2 and not finished` }
  if (step !== 'exchanging') return { kind: 'waits', says: `${login} is on this Mac and not on z2` }
  return { kind: 'waits', says: `${login} was cut off at the exchange; what came of it is on this Mac` }
}
