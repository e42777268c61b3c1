import * as z from 'zod/mini'
import { clock } from './age.ts'
import { type Noted, readNote } from './note.ts'

const lease = z.object({
  /** user@host of the machine that logs in */
  holder: z.string().check(z.minLength(1, 'must not be empty')),
  pid: z.int(),
  /** the id that Z2 handed out for this login */
  login: z.int(),
  /** epoch seconds by Z2's clock, as is the deadline */
  since: z.number(),
  deadline: z.number(),
})

/** `/run/bulma-infra/<bank>.lease` on Z2: who logs in at a bank right now. */
export type Lease = z.infer<typeof lease>

/** Reads a lease. @throws Error that names the first field that is wrong */
export const parseLease = (value: unknown): Lease => readNote(lease, value)

/** As far as a lease may reach ahead: one that reaches further was written before the clock went back, and is over too. */
const mostMs = 3_600_000

/** Somebody holds a lease: in words, and whether the words are only that it cannot be read. */
export type Held = { says: string; isBroken: boolean }

/**
 * Whether somebody logs in right now. A lease that has run out is nobody's; one that cannot be read counts as held,
 * since the repair that it would have kept away could start a timer between exchange and push.
 * @param nowMs Z2's clock, the only one that a deadline is held against
 */
export function heldBy(found: Noted<Lease>, nowMs: number): Held | null {
  if (found.state === 'absent') return null
  if (found.state === 'broken')
    return { says: `a reauth may be running: its lease cannot be read (${found.why})`, isBroken: true }
  const { holder, since, deadline } = found.value
  const aheadMs = deadline * 1000 - nowMs
  if (aheadMs < 0 || aheadMs > mostMs) return null
  return { says: `reauth by ${holder} since ${clock(since * 1000, nowMs)}`, isBroken: false }
}
