import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { pidsOf } from './cgroup.ts'
import type { RealPlace } from './place.ts'
import { isAlive, type Process, processOf, readIfThere } from './process.ts'

const recordShape = z.object({
  /** systemd of the real Z2, as this machine sees it */
  leader: z.object({ pid: z.int().positive(), started: z.string() }),
  network: z.object({ here: z.ipv4(), z2: z.ipv4(), bits: z.int() }),
  since: z.iso.datetime(),
})
/** A real lab that is up. */
export type RealRunning = z.infer<typeof recordShape>

/** The first process of the Z2 in this group: the one that is number 1 in there. */
export function findLeader(group: string): Process | undefined {
  const pids = ['payload', 'payload/init.scope'].flatMap((name) => pidsOf(join(group, name)))
  const pid = pids.find((each) => /^NSpid:\t\d+\t1$/m.test(readIfThere(`/proc/${each}/status`) ?? ''))
  return pid === undefined ? undefined : processOf(pid)
}

/** What was written when the lab was up; undefined when it never was. */
export function readRecord(place: RealPlace): RealRunning | undefined {
  const text = readIfThere(place.record)
  return text === undefined ? undefined : recordShape.parse(JSON.parse(text))
}

/** The real lab that is up in this place; undefined when none is, whatever a crashed one left behind. */
export function findReal(place: RealPlace): RealRunning | undefined {
  const record = readRecord(place)
  return record && isAlive(record.leader) ? record : undefined
}

export function writeRecord(place: RealPlace, running: RealRunning): void {
  writeFileSync(`${place.record}.new`, `${JSON.stringify(running, null, 2)}\n`)
  renameSync(`${place.record}.new`, place.record)
}
