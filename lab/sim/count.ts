import { appendFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

/** What a look costs. `pctExecElsewhere` counts what was asked of another container than 109. */
export type Count = { connections: number; sessions: number; pctExecs: number; pctExecElsewhere: number }

/** A count is the length of a file: many processes add one byte each without a lock. */
const files: Record<keyof Count, string> = {
  connections: 'connections',
  sessions: 'sessions',
  pctExecs: 'pct-exec',
  pctExecElsewhere: 'pct-exec-elsewhere',
}

export function countOne(place: Place, what: keyof Count): void {
  appendFileSync(join(place.counts, files[what]), '.')
}

/** Zero for what never happened. */
export function readCount(place: Place): Count {
  const length = (what: keyof Count): number =>
    statSync(join(place.counts, files[what]), { throwIfNoEntry: false })?.size ?? 0
  return {
    connections: length('connections'),
    sessions: length('sessions'),
    pctExecs: length('pctExecs'),
    pctExecElsewhere: length('pctExecElsewhere'),
  }
}

export function resetCount(place: Place): void {
  rmSync(place.counts, { recursive: true, force: true })
  mkdirSync(place.counts, { recursive: true })
}
