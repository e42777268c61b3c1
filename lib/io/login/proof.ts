import { setTimeout as sleep } from 'node:timers/promises'
import type { Mark } from '../../login/order.ts'
import { judgePoll, type PollOutcome } from '../../login/poll-outcome.ts'
import { serviceStatus } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import type { Login } from './login.ts'
import { startPolls } from './poll-timer.ts'

const askMs = 700

/**
 * Starts one poll in CT109, and the timer with it, and waits for its end: a timer alone proves nothing.
 * @throws Problem when the poll cannot be started or does not end in time
 */
export async function provePoll(login: Login, isFirst = true): Promise<PollOutcome> {
  const { z2, hold, terminal, config, bank } = login
  const begun = await z2.ask({ do: 'poll', me: hold.me })
  // First the poll, whose log and invocation were noted, then the timer: it may be due at once and then joins this one.
  const isStarted = await startPolls(login)
  if (isStarted && isFirst) terminal.tick('poll timer started')
  if ('failed' in begun) throw notStarted(login, begun.failed)
  const limitMs = config.login.idleSeconds * 1000
  return terminal.wait(
    `one poll on ct${config.containerId}`,
    limitMs,
    ended(login, begun.mark, limitMs, bank),
  )
}

async function ended(login: Login, mark: Mark, limitMs: number, bank: Login['bank']): Promise<PollOutcome> {
  const until = performance.now() + limitMs
  for (;;) {
    const polled = await login.z2.ask({ do: 'polled', mark })
    if ('failed' in polled) return { kind: 'trouble', says: polled.failed }
    if (!polled.running && polled.ran) return judgePoll(bank, polled)
    if (performance.now() >= until) {
      if (!polled.running) return judgePoll(bank, polled)
      return { kind: 'trouble', says: `the poll still runs after ${Math.round(limitMs / 1000)} s` }
    }
    login.interruption.check()
    await sleep(askMs)
  }
}

const notStarted = ({ bank, config }: Login, says: string): Problem =>
  new Problem({
    what: 'no poll could be started on ct109',
    why: says,
    next: serviceStatus(config, bank),
    left: 'the tokens are on ct109; the copy on this Mac is kept until a poll is good',
  })
