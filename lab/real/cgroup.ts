import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '../../lib/problem.ts'
import { readIfThere } from './process.ts'

// Every process of a lab is in a control group of its own (cgroups(7), version 2), whatever becomes of its parents. So what a
// lab has started can be told from everything else, and ended, also after a crash.

const patienceMs = 5000
const pollMs = 20

const mountOf = (): string | undefined =>
  (readIfThere('/proc/self/mountinfo') ?? '')
    .split('\n')
    .find((line) => line.includes(' - cgroup2 '))
    ?.split(' ')[4]

/** The folder of a group of this machine; undefined when there is no such group. */
export function findGroup(name: string): string | undefined {
  const hierarchy = mountOf()
  const folder = hierarchy && join(hierarchy, name)
  return folder && existsSync(folder) ? folder : undefined
}

/** Makes a group and answers with its folder. Throws a Problem where this machine has none. */
export function makeGroup(name: string): string {
  const hierarchy = mountOf()
  if (hierarchy === undefined) {
    throw new Problem({
      what: 'the real lab cannot keep its processes together',
      why: 'no cgroup2 file system is mounted on this machine',
      next: 'mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified',
      left: 'no lab was started',
    })
  }
  const folder = join(hierarchy, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The pids in one group, without those of the groups below it. */
export const pidsOf = (folder: string): number[] =>
  (readIfThere(join(folder, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number)

/** This process belongs to no group of a lab any more. */
export const leaveGroup = (): void =>
  writeFileSync(join(mountOf() ?? '', 'cgroup.procs'), String(process.pid))

/** Ends all that is in the group or below it, and removes it. False when there was no such group. */
export async function endGroup(name: string): Promise<boolean> {
  const folder = findGroup(name)
  if (folder === undefined) return false
  writeFileSync(join(folder, 'cgroup.kill'), '1')
  const until = Date.now() + patienceMs
  while (!isRemoved(folder)) {
    if (Date.now() > until) throw new Error(`the processes in ${folder} do not end`)
    await wait(pollMs)
  }
  return true
}

/** Removes the group and those below it; false while a process is left in one of them. */
function isRemoved(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !isRemoved(join(folder, entry.name))) return false
    }
    rmdirSync(folder)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EBUSY') return false
    throw error
  }
}
