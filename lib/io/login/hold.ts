import { hostname, userInfo } from 'node:os'
import type { Bank } from '../../invariant.ts'
import type { Lease, Me } from '../../login/order.ts'
import { inLine } from '../../mask.ts'
import { ask } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { sure } from './answer.ts'
import { isAlive } from './exchange-pid.ts'
import type { Ready } from './login.ts'

/** Nobody else logs in at this bank, pushes for it or repairs its files while this is held. */
export type Hold = {
  me: Me
  /** the poll timer is stopped (or no longer): from now on the switch is renewed with the lease (or not) */
  keepSwitch(on: boolean): void
  /** @throws Problem when somebody else has taken over */
  check(): void
  release(): Promise<void>
}

/** this user on this machine, as others are told */
export const holderHere = (): string => `${userInfo().username}@${hostname().replace(/\..*$/, '')}`

const time = (seconds: number): string => new Date(seconds * 1000).toTimeString().slice(0, 5)

/**
 * Takes the lease of a bank on Z2 and renews it until it is released.
 * @param login the id of a login that is carried on; null asks Z2 for a new one
 * @throws Problem (1) that names who holds it, (3) when Z2 cannot be reached
 */
export async function takeLease(ready: Ready, login: number | null): Promise<Hold> {
  const { bank, config, z2, flags } = ready
  const { leaseSeconds: seconds, switchSeconds } = config.login
  const holder = holderHere()
  const order = { do: 'take', holder, pid: process.pid, login, seconds } as const
  let answer = sure(ready, await z2.ask(order))
  // Another process of ours on this machine that is no more can be told for certain, so nobody has to wait for it.
  if (!answer.taken && answer.lease.holder === holder && !isAlive(answer.lease.pid))
    answer = sure(ready, await z2.ask({ ...order, over: { holder, pid: answer.lease.pid } }))
  if (!answer.taken) throw heldBy(ready, answer.lease, holder)
  const me = { holder, pid: process.pid, login: answer.lease.login }

  let isStopped = false
  let takenBy = false
  let running: Promise<unknown> = Promise.resolve()
  const renew = (): void => {
    running = z2
      .ask({ do: 'renew', me, seconds, switchSeconds: isStopped ? switchSeconds : null })
      .then((reply) => {
        takenBy = 'mine' in reply && !reply.mine
      })
      // Not reached: the next step finds out by itself, and says it better.
      .catch(() => undefined)
  }
  const every = setInterval(renew, (Math.min(seconds, switchSeconds) * 1000) / 3)
  every.unref()
  return {
    me,
    keepSwitch(on) {
      isStopped = on
    },
    check() {
      if (takenBy) throw lost(bank, flags.stack)
    },
    async release() {
      clearInterval(every)
      await running
      await z2.ask({ do: 'release', me })
    },
  }
}

const heldBy = ({ bank, flags }: Ready, { holder, pid, since }: Lease, here: string): Problem =>
  new Problem({
    what: `a ${bank} login is under way already`,
    why: `${inLine(holder)} holds it since ${time(since)}${holder === here ? ` (process ${pid} on this machine)` : ''}`,
    next: holder === here ? `ps -p ${pid}` : ask(bank, flags.stack),
    left: 'nothing was changed; the other one goes on',
  })

const lost = (bank: Bank, stack: string): Problem =>
  new Problem({
    what: `another ${bank} login has taken over`,
    why: 'this one was not heard of for too long, and its lease on z2 ran out',
    next: ask(bank, stack),
    left: 'nothing more is done here; what this login got lies on this Mac still',
  })
