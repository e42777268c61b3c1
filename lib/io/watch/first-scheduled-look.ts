import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '../../exit-code.ts'
import type { EntryOf } from '../../watch/entry.ts'
import { lookInWords } from '../../watch/look-entry.ts'
import { readHistory } from './history-file.ts'
import type { Here } from './schedule-here.ts'

/** A look gives up after 25 s, and the scheduler may take its time to begin. */
const mostMs = 60_000

type Look = EntryOf<'look'> | EntryOf<'unseen'>

/**
 * Waits for what the schedule's own first look sees: only that shows whether ssh gets at its key without a terminal.
 * @returns the exit code of the installation
 */
export async function firstLook({ config, job, plan }: Here, sinceMs: number): Promise<number> {
  const look = await lookSince(sinceMs, () => readHistory(config, job.stack).entries)
  if (look === null) {
    console.error(`its first look has not been heard of: ${plan.says}`)
    return exitCode.couldNotLook
  }
  if (look.kind === 'look') {
    console.log(`first look: ${lookInWords(look)}`)
    return exitCode.asWanted
  }
  console.error(`its first look saw nothing: ${look.why}`)
  console.error('what ssh needs without a terminal: npm run schedule -- --help')
  return exitCode.couldNotLook
}

async function lookSince(sinceMs: number, read: () => { kind: string; at: string }[]): Promise<Look | null> {
  for (const endMs = Date.now() + mostMs; Date.now() < endMs; await sleep(300)) {
    const found = (read() as Look[]).findLast(
      (entry) => (entry.kind === 'look' || entry.kind === 'unseen') && entry.by === 'schedule',
    )
    if (found && Date.parse(found.at) >= sinceMs) return found
  }
  return null
}
