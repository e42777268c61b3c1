import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { Problem } from '../lib/problem.ts'
import { readIfThere } from './executable.ts'
import { projectName, stateFolder } from './project.ts'
import { askPulumi, type Workplace } from './pulumi-run.ts'

/** Who holds a stack, as the engine writes it into `.state/.pulumi/locks`. */
export type Lock = { pid: number; username: string; hostname: string; timestamp: string }

/** Reads one lock file. A file that is none (cut short by the kill that left it) is a lock of nobody, nowhere. */
export function parseLock(text: string): Lock {
  const unknown: Lock = { pid: 0, username: 'somebody', hostname: 'an unknown machine', timestamp: '' }
  try {
    return { ...unknown, ...(JSON.parse(text) as Partial<Lock>) }
  } catch (error) {
    if (error instanceof SyntaxError) return unknown
    throw error
  }
}

/** The locks on a stack. More than one when two engines raced for it. */
export function readLocks(dir: string, stack: string): Lock[] {
  const folder = `${dir}/${stateFolder}/.pulumi/locks/organization/${projectName}/${stack}`
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    // A lock may go between the listing and the reading: then nobody holds it.
    const texts = names.map((name) => readIfThere(`${folder}/${name}`))
    return texts.filter((text) => text !== undefined).map(parseLock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The name of a running program, undefined where no process has that id. Another program may have taken the id. */
export function programOf(pid: number): string | undefined {
  const name = readIfThere(`/proc/${pid}/comm`)
  if (name !== undefined) return name.trim()
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  try {
    const path = execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).trim()
    return path.split('/').at(-1)
  } catch {
    return 'pulumi' // it runs, and nothing says what it is: the careful answer
  }
}

/** True where the process that took the lock is certainly gone: this machine, and no pulumi has that id. */
export function isStale(lock: Lock, here = hostname(), program = programOf): boolean {
  return lock.hostname === here && lock.pid > 0 && !program(lock.pid)?.startsWith('pulumi')
}

const since = ({ timestamp }: Lock): string => {
  const at = new Date(timestamp)
  return Number.isNaN(at.getTime())
    ? 'at an unknown time'
    : `since ${at.toLocaleString('sv-SE').slice(0, 16)}`
}
const holder = (lock: Lock): string =>
  `${lock.username} on ${lock.hostname}, process ${lock.pid}, ${since(lock)}`

/** Says who holds the stack, and what to do. */
export function heldBy(lock: Lock, stack: string): Problem {
  return new Problem({
    what: `another pulumi is at work on the stack ${stack}`,
    why: holder(lock),
    next: `let it finish; once it is certainly gone: pulumi cancel --yes ${stack}`,
    left: 'nothing was looked at and nothing was changed',
  })
}

/** The first lock that is not certainly stale. */
export const liveLock = (locks: Lock[]): Lock | undefined => locks.find((lock) => !isStale(lock))

/**
 * Removes the locks of a `pulumi` that was killed. Resolves to the one line that says so, or undefined.
 * @throws Problem where the stack is held by a live process or from another machine, with who and since when
 */
export async function clearStaleLocks(place: Workplace, stack: string): Promise<string | undefined> {
  const locks = readLocks(place.dir, stack)
  const live = liveLock(locks)
  if (live) throw heldBy(live, stack)
  const [first] = locks
  if (!first) return undefined
  const { code, tail } = await askPulumi(place, ['cancel', '--yes', stack])
  if (code === 0) return `a pulumi that was killed left its lock (${holder(first)}): removed`
  throw new Problem({
    what: `the lock of a pulumi that was killed could not be removed from the stack ${stack}`,
    why: tail,
    next: `pulumi cancel --yes ${stack}`,
    left: 'nothing was looked at and nothing was changed',
  })
}
