import { renameSync, statSync } from 'node:fs'

/** A line or two a look: a year of hourly looks and more. */
const mostBytes = 1_000_000

/** Keeps the log that launchd writes for us from growing for ever: a full one takes the place of the last full one. */
export function boundLog(path: string): void {
  const is = statSync(path, { throwIfNoEntry: false })
  if (is?.isFile() && is.size > mostBytes) renameSync(path, `${path}.1`)
}
