import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '../../lib/problem.ts'
import { removeLab } from '../lab-folder.ts'
import type { Place } from './place.ts'
import { findRunning, isOurs, type Running } from './running.ts'

/** how long a lab may take to come up, and to go away */
const patienceMs = 15_000
const pollMs = 15
/** a tenth of a second less for whoever waits */
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/compile')
/** how long what units started may take to end with the lab */
const serviceMs = 2000

/**
 * Starts a lab in the background and waits until it answers; one that runs already is the answer as it is. Leftovers of a
 * crashed one go first. Throws a Problem when it does not come up.
 */
export async function startLab(place: Place): Promise<Running> {
  refuseForeign(place)
  const other = await runningOrStarting(place)
  if (other !== undefined) return other
  removeLab(place.lab)
  mkdirSync(place.lab, { recursive: true })
  writeFileSync(place.starting, String(process.pid))
  const token = `lab-${randomBytes(12).toString('hex')}`
  const log = openSync(place.log, 'a')
  const daemon = join(import.meta.dirname, 'daemon.ts')
  const child = spawn(process.execPath, [daemon, place.checkout, place.lab, token], {
    cwd: place.checkout,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  let hasEnded = false
  child.once('exit', () => {
    hasEnded = true
  })
  const until = Date.now() + patienceMs
  while (Date.now() < until && !hasEnded) {
    const running = findRunning(place)
    if (running !== undefined) {
      rmSync(place.starting, { force: true })
      return running
    }
    await wait(pollMs)
  }
  rmSync(place.starting, { force: true })
  if (!hasEnded) child.kill('SIGKILL')
  throw new Problem({
    what: 'the lab did not come up',
    why: lastLines(place.log) || `nothing within ${patienceMs / 1000} seconds`,
    next: 'npm run lab -- up',
    left: 'no lab runs; its log is in .lab/sim.log',
  })
}

/** The lab that runs, or that another terminal is starting in this place right now; undefined when none is. */
async function runningOrStarting(place: Place): Promise<Running | undefined> {
  const until = Date.now() + patienceMs
  while (Date.now() < until) {
    // in this order: it is noted as running before the note about its start goes
    if (!isStarting(place)) return findRunning(place)
    await wait(pollMs)
  }
  return undefined
}

/** Is the process that noted itself as starting a lab here still at it? */
function isStarting(place: Place): boolean {
  try {
    const pid = Number(readFileSync(place.starting, 'utf8'))
    return pid > 0 && process.kill(pid, 0)
  } catch {
    // no note, or no such process any more
    return false
  }
}

/** Only what a lab has written is ever removed. */
function refuseForeign(place: Place): void {
  if (!existsSync(place.lab)) return
  const known = ['starting', 'sim.log', 'sim.json', 'ssh_config', 'z2', 'bin', 'keys']
  const names = readdirSync(place.lab)
  if (names.length === 0 || names.some((name) => known.includes(name))) return
  throw new Problem({
    what: `${place.lab} is not a lab`,
    why: `it holds ${names.slice(0, 3).join(', ')} and nothing that a lab writes`,
    next: `look into ${place.lab} and move it away`,
    left: 'nothing was removed and no lab was started',
  })
}

const lastLines = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join('\n') : ''

/** Ends the lab that runs here, and removes its folder. False when none ran; leftovers are removed all the same. */
export async function stopLab(place: Place): Promise<boolean> {
  const running = findRunning(place)
  if (running !== undefined) {
    process.kill(running.pid, 'SIGTERM')
    const until = Date.now() + patienceMs
    while (isOurs(running) && Date.now() < until) await wait(pollMs)
    if (isOurs(running)) process.kill(running.pid, 'SIGKILL')
  }
  if (existsSync(place.lab)) {
    refuseForeign(place)
    await servicesEnded(place)
    removeLab(place.lab)
  }
  return running !== undefined
}

/** What units started ends by itself when it sees that the lab is going: this waits for it, a moment at most. */
async function servicesEnded(place: Place): Promise<void> {
  writeFileSync(place.ending, '')
  const until = Date.now() + serviceMs
  while (Date.now() < until && hasServices(place)) await wait(pollMs)
}

function hasServices(place: Place): boolean {
  const folders = [place.roots.z2, place.roots.ct109].map((root) => join(root, 'run/sim/unit'))
  const files = folders.filter(existsSync).flatMap((at) => readdirSync(at).map((name) => join(at, name)))
  return files.some((file) => /\.service$/.test(file) && /^pid=(\d+)$/m.test(readFileSync(file, 'utf8')))
}
