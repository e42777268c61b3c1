import { type ChildProcess, execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../lab/bank/token.ts'
import { isAll } from '../run-kind.ts'
import { seeded } from '../seeded.ts'
import { type Poller, type PollPlace, pollPlace } from './poll-place.ts'

type Fate = 'whole' | 'on disk' | 'lost'

/** Where the live refresh token is after a kill: in the file, in the reply beside it, or nowhere. */
function fate({ banks, data, read }: PollPlace): Fate {
  const { refresh_token, ...rest } = read('monzo')
  expect(Object.keys(rest).sort()).toEqual(['access_token', 'expires_at', 'kept'])
  const live = banks.monzo.liveRefresh()
  if (refresh_token === live) return 'whole'
  // Whatever is not the live chain must be the last link before it, and the bank must have been asked with it.
  const used = fingerprint(refresh_token)
  expect(banks.monzo.audit().findLast(({ event }) => event === 'refresh')).toMatchObject({ used })
  const reply = join(data, `.tokens_monzo.json.reply-${used}`)
  return existsSync(reply) && readFileSync(reply, 'utf8').includes(`"${live}"`) ? 'on disk' : 'lost'
}

/** Ends a poll: all of it at once, as a power cut would, or only the first shell, so that what it began lives on. */
function kill(child: ChildProcess, all: boolean): void {
  const pid = child.pid ?? 0
  if (child.exitCode !== null || child.signalCode !== null) return
  process.kill(all ? -pid : pid, 'SIGKILL')
}

/** Kills `times` polls in a row, each in the middle of a rotation or near it, and counts what became of the chain. */
async function run(poller: Poller, seed: number, times: number): Promise<Record<Fate, number>> {
  const random = seeded(seed)
  let onRotation = (): void => undefined
  const hex = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const tail = (): string => {
    onRotation()
    return hex() + hex() + hex() + hex()
  }
  const place = await pollPlace('kill', poller, { tail })
  const count = { whole: 0, 'on disk': 0, lost: 0 }
  const newLogin = (): void =>
    // not approved: the poll ends right after the rotation, which is what this is about
    place.write('monzo', { ...place.banks.monzo.login(), kept: 'a key of somebody else', expires_at: 1 })
  /** How long a poll takes here and now, which decides where the moments lie. */
  const pollMs = async (): Promise<number> => {
    const began = performance.now()
    expect((await place.poll('monzo')).lines).toContain('refresh ok')
    return performance.now() - began
  }
  try {
    place.banks.monzo.knob({ accessTtlMs: 59_000 })
    newLogin()
    let wholeMs = await pollMs()
    for (let time = 0; time < times; time++) {
      const all = random() < 0.75
      const child = place.begin('monzo')
      const ended = place.end(child)
      // Half of the moments are anywhere in a poll, half in the time between the bank's work and the rename.
      const timers = random() < 0.5 ? [setTimeout(() => kill(child, all), random() * wholeMs)] : []
      const afterMs = random() * wholeMs * 0.5
      onRotation = () => void timers.push(setTimeout(() => kill(child, all), afterMs))
      await ended
      for (const timer of timers) clearTimeout(timer)
      onRotation = () => undefined
      // What lives on without its shell holds the lock; and the bank may still have a request in its queue.
      await promisify(execFile)('flock', ['-w', '5', join(place.data, 'bulma-poll-monzo.lock'), 'true'])
      await wait(5)
      const is = fate(place)
      count[is] += 1
      if (is === 'lost') newLogin()
      // A third of what a kill left on disk is taken up at leisure, the rest by a poll that is killed in its turn.
      if (is === 'on disk' && random() < 0.33) {
        expect((await place.poll('monzo')).lines[0]).toBe('refresh ok, taken up where a poll was interrupted')
        expect(fate(place)).toBe('whole')
      }
      if (time % 25 === 24) wholeMs = await pollMs()
    }
    return count
  } finally {
    await place.close()
  }
}

/** `onDisk`: how many kills at least fall between the reply and the rename, a short time in one process. */
const tries = [
  { poller: 'reference', moments: isAll ? [67, 67, 66] : [30, 30, 30], onDisk: isAll ? 10 : 5 },
  { poller: 'simulated', moments: isAll ? [40, 40] : [20, 20], onDisk: 0 },
] as const

describe.each(tries)('kill -9 of a poll, $poller', ({ poller, moments, onDisk }) => {
  const all = moments.reduce((sum: number, count) => sum + count, 0)

  it(`at ${all} moments: never a torn token file, and only a reply that was not written yet can be lost`, async () => {
    const counts = await Promise.all(moments.map((times, index) => run(poller, index + 1, times)))
    const total = (fate: Fate): number => counts.reduce((sum, count) => sum + count[fate], 0)
    console.log(`whole ${total('whole')}, on disk ${total('on disk')}, lost ${total('lost')}`)
    expect(total('whole') + total('on disk') + total('lost')).toBe(all)
    // The moments do hit what they aim at, and the open window is narrow.
    expect(total('on disk')).toBeGreaterThanOrEqual(onDisk)
    expect(total('whole')).toBeGreaterThan(all / 20)
    expect(total('lost')).toBeLessThan(all / 5)
  })
})
