import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '../../lib/problem.ts'
import { takeLock } from '../../tools/build-lock.ts'
import { removeLab } from '../lab-folder.ts'
import { keyFile, sshConfigText, writeKeys } from '../sim/key.ts'
import { boot, startKeeper } from './boot.ts'
import { endGroup, findGroup, makeGroup } from './cgroup.ts'
import { Errands } from './errand.ts'
import { makeHealthy } from './healthy.ts'
import { ensureImage } from './image.ts'
import { onZ2 } from './inside.ts'
import { findReal, type RealRunning, writeRecord } from './leader.ts'
import { freeNetwork, isPlugged } from './network.ts'
import type { RealPlace } from './place.ts'
import { requireMachine } from './requirement.ts'
import { writeStage } from './stage.ts'
import { realWorld } from './world.ts'

/** how long the kernel may take to take a network apart */
const patienceMs = 2000
const pollMs = 20
const sshPort = 22

/** Is there anything of a real lab in this place, running or not? */
export const isLeftOver = (place: RealPlace): boolean =>
  hasFiles(place) || findGroup(place.group) !== undefined

const hasFiles = (place: RealPlace): boolean => existsSync(place.record) || existsSync(place.stage)

/** One at a time brings this lab up or down. */
async function alone<T>(place: RealPlace, what: () => Promise<T>): Promise<T> {
  const release = await lockOf(place)
  return what().finally(() => {
    release()
    removeEmpty(place.lock)
  })
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    // somebody has the lock by now, or has had it and removed its folder
    if (!['ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** Whoever gives the lock back may remove its folder in the moment that this one takes it there. */
async function lockOf(place: RealPlace): Promise<() => void> {
  try {
    return await takeLock(place.lock, () => {})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return lockOf(place)
  }
}

/**
 * Boots a fresh Z2 in the background and waits until all is well in it; one that is up already is the answer as it is. What a
 * crashed lab of this checkout left goes first.
 * @throws Problem where this machine cannot, or where it does not come up
 */
export async function startReal(place: RealPlace): Promise<RealRunning> {
  requireMachine()
  const image = await ensureImage()
  return alone(place, async () => findReal(place) ?? startFresh(place, image))
}

/** Ends the real lab of this place, or what is left of it, and removes its folder. False when there was nothing. */
export const stopReal = (place: RealPlace): Promise<boolean> => alone(place, () => endAll(place))

async function startFresh(place: RealPlace, image: string): Promise<RealRunning> {
  await endAll(place)
  mkdirSync(place.lab, { recursive: true })
  const network = freeNetwork(place)
  writeKeys(place)
  for (const folder of [place.roots.mac, place.planted]) mkdirSync(folder, { recursive: true })
  writeFileSync(place.sshConfig, sshConfigText(place, sshPort, network.z2))
  writeFileSync(
    place.knownHosts,
    `${network.z2} ${readFileSync(join(place.keys, `${keyFile.host}.pub`), 'utf8')}`,
  )
  writeStage(place, network)
  try {
    const group = makeGroup(place.group)
    const leader = await boot(place, image, network, group)
    await startKeeper(place, network, group)
    const world = realWorld(place, new Errands(leader.pid))
    makeHealthy(world)
    await world.settle()
    const running = { leader, network, since: new Date().toISOString() }
    // the last thing written: whoever finds it finds everything else
    writeRecord(place, running)
    return running
  } catch (error) {
    const said = lastLines(place.log)
    await endAll(place)
    if (!(error instanceof Problem)) throw error
    throw new Problem({ ...error.lines, why: said || error.lines.why })
  }
}

const lastLines = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join('\n') : ''

/**
 * The group holds every process that this lab ever started; with the last of them go its namespaces, its mounts and its cable.
 */
async function endAll(place: RealPlace): Promise<boolean> {
  const running = findReal(place)
  // ssh's own ends of the connections: who is connected hears of it now, and not when it gives up
  if (running !== undefined) onZ2(running.leader.pid, ['pkill', '-KILL', '-x', 'sshd'])
  const ended = await endGroup(place.group)
  // the kernel takes a moment to take a network apart; a cable that a crash left is cut
  if (isPlugged(place) !== undefined) {
    for (const end = Date.now() + patienceMs; isPlugged(place) !== undefined && Date.now() < end; )
      await wait(pollMs)
    if (isPlugged(place) !== undefined) execFileSync('ip', ['link', 'delete', place.cable])
  }
  // a folder of that name which no real lab has written is not ours to remove
  if (hasFiles(place)) removeLab(place.lab)
  return ended
}
