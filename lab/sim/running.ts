import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Place } from './place.ts'

const recordShape = z.object({
  pid: z.int().positive(),
  port: z.int(),
  token: z.string().min(16),
  since: z.iso.datetime(),
})
/** A lab that runs. */
export type Running = z.infer<typeof recordShape>

/** The lab that runs in this place; undefined when none does, whatever a crashed one left behind. */
export function findRunning(place: Place): Running | undefined {
  if (!existsSync(place.record)) return undefined
  const parsed = recordShape.safeParse(readJson(place.record))
  if (!parsed.success || !isOurs(parsed.data)) return undefined
  return parsed.data
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // half-written by a lab that was killed: the same as none
    return undefined
  }
}

/** Is the process with this pid the one that we started? A pid alone may be somebody else's by now. */
export function isOurs({ pid, token }: Running): boolean {
  const file = `/proc/${pid}/cmdline`
  if (existsSync('/proc/self/cmdline')) return existsSync(file) && readFileSync(file, 'utf8').includes(token)
  return spawnSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout.includes(
    token,
  )
}
