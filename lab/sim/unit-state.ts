import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { World } from '../world.ts'
import type { Place } from './place.ts'

/** Faults that only systemd's memory shows: they are written into the state that the lab's systemctl keeps of a unit. */
export function unitStates(place: Place, now: () => Date): Pick<World, 'run' | 'ended' | 'exhaust'> {
  /** merged into the state that the lab's systemctl keeps of a unit */
  const state = (
    side: 'z2' | 'ct109',
    unit: string,
    values: Record<string, string | number | undefined>,
  ): void => {
    const file = join(place.roots[side], 'run/sim/unit', unit)
    const old = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const pairs = old
      .split('\n')
      .flatMap((line) => (line.includes('=') ? [line.split(/=(.*)/s).slice(0, 2)] : []))
    const merged = { ...Object.fromEntries(pairs), ...values }
    const text = Object.entries(merged).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${value}\n`],
    )
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text.join(''))
  }
  const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
  const invocation = (): string => randomBytes(16).toString('hex')

  return {
    run: (side, service, duration) => {
      const began = seconds(now())
      if (duration === 0) state(side, service, { active: 'inactive', sub: 'dead', until: undefined })
      else
        state(side, service, {
          active: 'activating',
          sub: 'start',
          result: 'success',
          began,
          until: began + duration,
          invocation: invocation(),
        })
    },
    ended: (service, outcome, at) => {
      const dead = outcome === 'success' ? 'dead' : 'failed'
      state('ct109', service, {
        active: outcome === 'success' ? 'inactive' : 'failed',
        sub: dead,
        result: outcome,
        began: seconds(at) - 2,
        exit: seconds(at),
        status: outcome === 'success' ? 0 : 1,
        invocation: invocation(),
      })
    },
    exhaust: (timer) => state('ct109', timer, { active: 'active', sub: 'elapsed', triggered: undefined }),
  }
}
