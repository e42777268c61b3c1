import { readFileSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same pid. `started`: clock ticks since boot, proc(5). */
export type Process = { pid: number; started: string }

/** The process that has this pid now; undefined when there is none. */
export function processOf(pid: number): Process | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  // the name in brackets may hold anything, brackets and spaces too
  const started = stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19)
  return started === undefined ? undefined : { pid, started }
}

/** Is it still there? */
export const isAlive = ({ pid, started }: Process): boolean => processOf(pid)?.started === started

/** The text of a file of /proc or /sys; undefined when there is none, or when its process ended while it was read. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENODEV') return undefined
    throw error
  }
}
