import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '../../lib/problem.ts'
import { onZ2 } from './inside.ts'
import { findLeader } from './leader.ts'
import { isPlugged, type Network, plugIn } from './network.ts'
import type { RealPlace } from './place.ts'
import type { Process } from './process.ts'

/** how long Z2 may take to boot, and the banks to listen */
const patienceMs = 30_000
const pollMs = 20

const late = (what: string): Problem =>
  new Problem({
    what: 'the real lab did not come up',
    why: `${what}: nothing within ${patienceMs / 1000} seconds`,
    next: 'npm run lab -- up --real',
    left: 'no lab runs',
  })

/** Waits until there is an answer, as long as the process behind it has not ended. */
async function until<T>(
  what: string,
  child: { exitCode: number | null },
  ask: () => T | undefined,
): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end && child.exitCode === null; await wait(pollMs)) {
    const answer = ask()
    if (answer !== undefined) return answer
  }
  throw late(what)
}

/** A process of the lab in the background, in a session of its own. */
function start(place: RealPlace, program: string, args: string[]) {
  const log = openSync(place.log, 'a')
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  return child
}

/** Boots Z2 from the image and the stage; answers when its systemd is up and the cable is plugged in. */
export function boot(place: RealPlace, image: string, network: Network, group: string): Promise<Process> {
  const own = ['--mount', '--propagation', 'private', 'sh', join(import.meta.dirname, 'boot.sh')]
  const child = start(place, 'unshare', [...own, place.name, group, image, place.stage])
  return until('booting', child, () => {
    const leader = findLeader(group)
    if (leader === undefined || isPlugged(place) === undefined) return undefined
    const state = onZ2(leader.pid, ['systemctl', 'is-system-running']).stdout.trim()
    if (state !== 'running' && state !== 'degraded') return undefined
    plugIn(place, network)
    return leader
  })
}

/** Starts the process beside Z2; answers when the banks listen. */
export async function startKeeper(place: RealPlace, { here }: Network, group: string): Promise<void> {
  const own = join(group, 'keeper')
  mkdirSync(own, { recursive: true })
  const joined = 'echo $$ >"$0" && exec "$@"'
  const keeper = [process.execPath, join(import.meta.dirname, 'keeper.ts'), place.checkout, place.lab, here]
  const child = start(place, 'sh', ['-c', joined, join(own, 'cgroup.procs'), ...keeper])
  await until('the banks', child, () => existsSync(place.bank) || undefined)
}
