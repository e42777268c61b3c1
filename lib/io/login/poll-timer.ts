import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '../../exit-code.ts'
import { ask, look, serviceStatus } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import type { Login } from './login.ts'

/** one order waits at most this long on Z2, so that Ctrl-C and the limit are heeded in between */
const orderSeconds = 5
const retryMs = 1000
/** tries to start the timer again before it is left to the switch */
const startTries = 3

/**
 * Arms the switch, stops the poll timer and waits until no poll runs. A poll that runs is never ended: it may be in the
 * middle of a rotation.
 * @param reachSeconds how long to try where Z2 does not answer; 0: once
 * @returns the fingerprint of the refresh token that Z2 has now, null where there is none
 * @throws Problem (3) when Z2 cannot be reached, (1) when a poll goes on for too long; the timer then runs again
 */
export async function stopPolls(login: Login, reachSeconds = 0): Promise<string | null> {
  const idleMs = login.config.login.idleSeconds * 1000
  const { terminal } = login
  // From here on the switch is renewed with the lease, also while the order is under way.
  login.hold.keepSwitch(true)
  const first = await settled(
    login,
    terminal.wait,
    'stopping the poll timer',
    null,
    reached(login, reachSeconds),
  )
  if (first.state === 'idle') return first.refresh
  const what = `a poll runs${sinceOf(first)}; waiting for its end`
  return settled(login, terminal.wait, what, idleMs, untilIdle(login, performance.now() + idleMs))
}

/** Waits; when it fails or somebody interrupts, starts the timer once no order to stop it is under way any more. */
async function settled<T>(
  login: Login,
  wait: Login['terminal']['wait'],
  what: string,
  limitMs: number | null,
  work: Promise<T>,
): Promise<T> {
  try {
    return await wait(what, limitMs, work)
  } catch (error) {
    await work.catch(() => undefined) // it was told above already, or is told now
    if (error instanceof TakenOver) login.hold.keepSwitch(false)
    else await startPolls(login)
    throw error
  }
}

/** The lease is somebody else's now: nothing of theirs is touched. */
class TakenOver extends Problem {}

type Stopped = Awaited<ReturnType<typeof askToStop>>

const askToStop = (login: Login) =>
  login.z2.ask({
    do: 'stop',
    me: login.hold.me,
    switchSeconds: login.config.login.switchSeconds,
    waitSeconds: orderSeconds,
  })

async function reached(
  login: Login,
  seconds: number,
): Promise<Exclude<Stopped, { state: 'not-mine' | 'failed' }>> {
  const until = performance.now() + seconds * 1000
  for (;;) {
    try {
      return judge(await askToStop(login), login)
    } catch (error) {
      const isUnreached = error instanceof Problem && error.exitCode === exitCode.couldNotLook
      if (!isUnreached || performance.now() >= until) throw error
      await sleep(retryMs)
    }
    login.interruption.check()
  }
}

async function untilIdle(login: Login, until: number): Promise<string | null> {
  for (;;) {
    const now = judge(await askToStop(login), login)
    if (now.state === 'idle') return now.refresh
    if (performance.now() >= until) throw tooLong(login, now)
    login.interruption.check()
  }
}

function judge(answer: Stopped, login: Login): Exclude<Stopped, { state: 'not-mine' | 'failed' }> {
  login.hold.check()
  if (answer.state === 'not-mine')
    throw new TakenOver({
      what: `another ${login.bank} login has taken over`,
      why: answer.lease
        ? `${answer.lease.holder} holds the lease on z2 now`
        : 'the lease of this login is gone from z2; it may have been rebooted',
      next: ask(login.bank, login.flags.stack),
      left: 'the poll timer was not touched',
    })
  if (answer.state === 'failed')
    throw new Problem({
      what: 'the poll timer could not be stopped safely',
      why: answer.says,
      next: look(login.flags.stack),
      left: 'the poll timer runs, or is started by z2 itself within minutes',
    })
  return answer
}

const sinceOf = ({ since }: { since?: string | null }): string => (since ? ` since ${since}` : '')

const tooLong = ({ bank, config }: Login, busy: { unit?: string; since?: string | null }): Problem =>
  new Problem({
    what: 'a poll runs for too long, so the login was given up',
    why: `${busy.unit ?? `bulma-poll-${bank}.service`} runs${sinceOf(busy)}, and it is never ended by force`,
    next: serviceStatus(config, bank),
    left: 'nothing was exchanged; the chain on ct109 is untouched and its timer runs again',
  })

/**
 * Starts the poll timer again and takes the switch away.
 * @returns false when that could not be done: the switch, or a reboot of Z2, then does it
 */
export async function startPolls(login: Login): Promise<boolean> {
  const { z2, hold, terminal, config } = login
  for (let tries = 1; tries <= startTries; tries += 1) {
    try {
      const { started, next } = await z2.ask({ do: 'start', me: hold.me })
      if (started && next) {
        hold.keepSwitch(false)
        return true
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error // not reached: tried again, then left to the switch
    }
    await sleep(retryMs)
  }
  const minutes = Math.ceil(config.login.switchSeconds / 60)
  terminal.say(
    `  ! the poll timer could not be started from here; z2 starts it by itself within ${minutes} min`,
  )
  return false
}
