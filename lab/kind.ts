import { Problem } from '../lib/problem.ts'
import { readRealCount, resetRealCount } from './real/count.ts'
import { Errands } from './real/errand.ts'
import { holdPolls } from './real/hold.ts'
import { findReal } from './real/leader.ts'
import { isLeftOver, startReal, stopReal } from './real/lifecycle.ts'
import { type RealPlace, realPlaceAt } from './real/place.ts'
import { realWorld } from './real/world.ts'
import type { Count } from './sim/count.ts'
import { startLab, stopLab } from './sim/lifecycle.ts'
import type { Place } from './sim/place.ts'
import { findRunning, type Running } from './sim/running.ts'
import { simulatedWorld } from './sim/world.ts'
import type { World } from './world.ts'

/** A lab that is up, whichever kind it is. */
export type LabUp = {
  kind: 'simulated' | 'real'
  /** what it is and where its ssh listens, in words */
  at: string
  since: string
  world(): World
  /** while a fault is planted, polls that a timer would start wait; from when the world settles */
  hold(on: boolean): void
}

const realOf = ({ checkout, lab }: Place): RealPlace => realPlaceAt(checkout, lab)
const simulated = (place: Place, { port, since }: Running): LabUp => ({
  kind: 'simulated',
  at: `hinata-z2 on port ${port}`,
  since,
  world: () => simulatedWorld(place),
  // its clock looks itself whether a fault is planted
  hold: () => {},
})

/** The lab that is up in this place. */
export function findLab(place: Place): LabUp | undefined {
  const real = realOf(place)
  const running = findReal(real)
  if (running !== undefined) {
    const { leader, network, since } = running
    const errands = new Errands(leader.pid)
    return {
      kind: 'real',
      at: `a real hinata-z2 at ${network.z2}`,
      since,
      world: () => realWorld(real, errands),
      hold: (on) => holdPolls(errands, on),
    }
  }
  const simulation = findRunning(place)
  return simulation && simulated(place, simulation)
}

/** The same; throws a Problem where none is up. `why`: what it is needed for. */
export function neededLab(place: Place, why: string): LabUp {
  const found = findLab(place)
  if (found !== undefined) return found
  throw new Problem({ what: 'the lab is down', why, next: 'npm run lab -- up', left: 'nothing was changed' })
}

/** The counters of the real lab that is up in this place. */
export function realCount(place: Place): { read(): Count; reset(): void } | undefined {
  const real = realOf(place)
  const leader = findReal(real)?.leader.pid
  return leader === undefined
    ? undefined
    : { read: () => readRealCount(real, leader), reset: () => resetRealCount(real, leader) }
}

/** Starts a lab of this kind where none is up. Throws a Problem when it does not come up. */
export async function startKind(place: Place, kind: LabUp['kind']): Promise<LabUp> {
  if (kind === 'real') {
    await stopLab(place)
    await startReal(realOf(place))
  } else {
    if (isLeftOver(realOf(place))) await stopReal(realOf(place))
    return simulated(place, await startLab(place))
  }
  const up = findLab(place)
  if (up === undefined) throw new Error('the real lab ended as soon as it was up')
  return up
}

/** Ends whatever lab is up in this place, and removes what one that crashed left. False when there was nothing. */
export async function stopAny(place: Place): Promise<boolean> {
  const hadReal = isLeftOver(realOf(place)) && (await stopReal(realOf(place)))
  return (await stopLab(place)) || hadReal
}
