import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findFaults } from '../fault/catalogue.ts'
import type { Fault, World } from '../world.ts'
import type { Place } from './place.ts'
import { findRunning } from './running.ts'
import { isOn } from './switch.ts'
import { simulatedWorld } from './world.ts'

const patienceMs = 3000

/** Names of the faults that were planted and not mended since, in the order of planting. */
export function plantedFaults(place: Place): string[] {
  if (!existsSync(place.planted)) return []
  const at = (name: string): string => readFileSync(join(place.planted, name), 'utf8')
  return readdirSync(place.planted).sort((a, b) => at(a).localeCompare(at(b)) || a.localeCompare(b))
}

/** Plants faults on top of what is there. One that was planted before is planted again. */
export async function plantFaults(
  place: Place,
  faults: Fault[],
  world: World = simulatedWorld(place),
): Promise<void> {
  for (const [index, fault] of faults.entries()) {
    fault.plant(world)
    // sorts by the moment of planting; the clock of a file system is too coarse for that
    const order = `${world.now().toISOString()} ${String(index).padStart(3, '0')}`
    writeFileSync(join(place.planted, fault.name), order)
  }
  await world.settle()
  await portSettled(place, faults)
}

/** Mends faults, whether or not they were planted. */
export async function mendFaults(
  place: Place,
  faults: Fault[],
  world: World = simulatedWorld(place),
): Promise<void> {
  for (const fault of faults) fault.mend(world)
  await world.settle()
  for (const { name } of faults) rmSync(join(place.planted, name), { force: true })
  await portSettled(place, faults)
}

/** Everything planted, the latest first. */
export async function mendAll(place: Place, world: World = simulatedWorld(place)): Promise<string[]> {
  const names = plantedFaults(place).reverse()
  await mendFaults(place, findFaults(names).found, world)
  return names
}

/** The server follows its switches in a moment: afterwards the port is as they say. */
async function portSettled(place: Place, faults: Fault[]): Promise<void> {
  const running = findRunning(place)
  if (running === undefined || !faults.some(({ name }) => name === 'port-refused')) return
  const wanted = !isOn(place, 'port-refused')
  const until = Date.now() + patienceMs
  while ((await answers(running.port)) !== wanted && Date.now() < until) await wait(20)
}

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
