import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'
import { faults, findFaults, nearNames } from './fault/catalogue.ts'
import { startLab, stopLab } from './sim/lifecycle.ts'
import { type Place, placeAt } from './sim/place.ts'
import { mendAll, mendFaults, plantedFaults, plantFaults } from './sim/plant.ts'
import { findRunning, type Running } from './sim/running.ts'
import type { Fault } from './world.ts'

/** Where the commands write: the answer, and what goes on meanwhile. */
export type Output = { say(line: string): void; tell(line: string): void }

/** after this long a person is told what is being waited for */
const quietMs = 2000

export const usage = `a simulated Z2 with a simulated CT109, on this machine, without root

  npm run lab -- up [--fresh]        start it in the background; --fresh renews one that runs
  npm run lab -- status              is it up, where, and which faults are planted (exit 1: down)
  npm run lab -- faults              every fault that can be planted
  npm run lab -- break NAME…         plant faults
  npm run lab -- mend [NAME…]        mend these, or all that are planted
  npm run lab -- down                end it and remove .lab/

  ssh -F .lab/ssh_config hinata-z2   by hand, as on the real one
  npm run drift -- --stack lab       look at it
`

/** Runs one command line of `npm run lab`. Throws a Problem; answers with the exit code otherwise. */
export async function lab(words: string[], checkout: string, output: Output): Promise<number> {
  const [verb, ...rest] = words
  const place = placeAt(checkout, process.env.BULMA_LAB_DIR || '.lab')
  if (verb === undefined || words.includes('--help') || words.includes('-h') || verb === 'help') {
    output.say(usage)
    return verb === undefined ? exitCode.usage : exitCode.asWanted
  }
  const names = rest.filter((word) => !word.startsWith('-'))
  const flags = rest.filter((word) => word.startsWith('-'))
  if (flags.includes('--real'))
    throw misuse('there is no real lab yet', 'only the simulation can be started', 'npm run lab -- up')
  const stray = flags.find((flag) => !(verb === 'up' && flag === '--fresh'))
  if (stray !== undefined)
    throw misuse(`unknown option ${stray}`, `lab ${verb} does not know it`, 'npm run lab -- --help')
  const takesNames = verb === 'break' || verb === 'mend'
  if (!takesNames && names.length > 0)
    throw misuse(`lab ${verb} takes no names`, `got ${names.join(' ')}`, 'npm run lab -- --help')

  if (verb === 'up') return up(place, flags.includes('--fresh'), output)
  if (verb === 'down') return down(place, output)
  if (verb === 'status') return status(place, output)
  if (verb === 'faults') return list(output)
  if (verb === 'break') return breakIt(place, names, output)
  if (verb === 'mend') return mend(place, names, output)
  throw misuse(
    `lab does not know "${verb}"`,
    'it knows up, down, status, faults, break and mend',
    'npm run lab -- --help',
  )
}

const misuse = (what: string, why: string, next: string): Problem =>
  new Problem({ what, why, next, left: 'nothing was changed' }, exitCode.usage)

const clock = (running: Running): string => running.since.slice(0, 16).replace('T', ' ')

async function up(place: Place, fresh: boolean, { say, tell }: Output): Promise<number> {
  const old = findRunning(place)
  if (old !== undefined && !fresh) {
    say(`the lab is up already: port ${old.port}, since ${clock(old)} UTC`)
    return exitCode.asWanted
  }
  const began = Date.now()
  const notice = setTimeout(() => tell('starting the simulated Z2'), quietMs)
  if (old !== undefined) await stopLab(place)
  const running = await startLab(place).finally(() => clearTimeout(notice))
  const took = ((Date.now() - began) / 1000).toFixed(1)
  say(`the lab is up: hinata-z2 on port ${running.port}, ${took} s`)
  say('  ssh -F .lab/ssh_config hinata-z2 true')
  return exitCode.asWanted
}

async function down(place: Place, { say, tell }: Output): Promise<number> {
  const notice = setTimeout(() => tell('waiting for the lab to end'), quietMs)
  const ran = await stopLab(place).finally(() => clearTimeout(notice))
  say(ran ? 'the lab is down' : 'no lab was up')
  return exitCode.asWanted
}

function status(place: Place, { say }: Output): number {
  const running = findRunning(place)
  if (running === undefined) {
    say('the lab is down')
    return exitCode.failed
  }
  const planted = plantedFaults(place)
  say(`the lab is up: port ${running.port}, since ${clock(running)} UTC`)
  say(planted.length === 0 ? 'no fault is planted' : `planted: ${planted.join(' ')}`)
  return exitCode.asWanted
}

function list({ say }: Output): number {
  const width = Math.max(...faults.map(({ name }) => name.length))
  for (const { name, says } of faults) say(`${name.padEnd(width)}  ${says}`)
  return exitCode.asWanted
}

/** Throws a Problem for names that no fault has. */
function known(names: string[]): Fault[] {
  const { found, unknown } = findFaults(names)
  const [first] = unknown
  if (first === undefined) return found
  const near = nearNames(first)
  throw misuse(
    `no fault is called ${unknown.join(' ')}`,
    near.length > 0 ? `near it: ${near.join(', ')}` : 'nothing is called like that',
    'npm run lab -- faults',
  )
}

function ensureUp(place: Place): void {
  if (findRunning(place) !== undefined) return
  const next = 'npm run lab -- up'
  throw new Problem({
    what: 'the lab is down',
    why: 'faults are planted in a lab that runs',
    next,
    left: 'nothing was changed',
  })
}

async function breakIt(place: Place, names: string[], { say }: Output): Promise<number> {
  if (names.length === 0)
    throw misuse('lab break needs the name of a fault', 'none was given', 'npm run lab -- faults')
  const chosen = known(names)
  ensureUp(place)
  await plantFaults(place, chosen)
  for (const { name, says } of chosen) say(`planted ${name}: ${says}`)
  return exitCode.asWanted
}

async function mend(place: Place, names: string[], { say }: Output): Promise<number> {
  const chosen = known(names)
  ensureUp(place)
  if (names.length > 0) await mendFaults(place, chosen)
  const mended = names.length > 0 ? names : await mendAll(place)
  say(mended.length > 0 ? `mended ${mended.join(' ')}` : 'nothing was planted')
  return exitCode.asWanted
}
