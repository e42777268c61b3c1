import type { Config } from '../../config.ts'
import { Problem } from '../../problem.ts'
import type { Entry } from '../../watch/entry.ts'
import { report } from '../problem-report.ts'
import { appendHistory, readHistory } from './history-file.ts'

// For who looks: a history that cannot be used is said, and keeps nobody from looking.

/** What the history says, oldest first; nothing where it cannot be read. */
export const recall = (config: Config, stack: string): Entry[] =>
  attempt(() => readHistory(config, stack))?.entries ?? []

/** Adds an entry to the history. */
export function remember(config: Config, stack: string, entry: Entry): void {
  attempt(() => appendHistory(config, stack, entry))
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    report(error)
    return undefined
  }
}
