import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Count } from '../sim/count.ts'
import { onZ2 } from './inside.ts'
import type { RealPlace } from './place.ts'

// sshd says every login and every session in its journal; what lab pct is asked is a byte in a file each.
const program = `
  journalctl -u ssh -o cat | awk '/^Accepted publickey/ { c++ } /^Starting session: (command|subsystem)/ { s++ } END { print c + 0, s + 0 }'
  for name in pct-exec pct-exec-elsewhere; do cat /run/bulma-lab/count/$name 2>/dev/null | wc -c; done`

/** What has been asked of a real Z2 since it booted. */
function total(leader: number): Count {
  const [connections = 0, sessions = 0, pctExecs = 0, pctExecElsewhere = 0] = onZ2(leader, [
    'sh',
    '-c',
    program,
  ])
    .stdout.split(/\s+/)
    .map(Number)
  return { connections, sessions, pctExecs, pctExecElsewhere }
}

/** What has been asked of a real Z2 since `resetRealCount`. */
export function readRealCount(place: RealPlace, leader: number): Count {
  const now = total(leader)
  const before: Count | undefined = existsSync(place.counts)
    ? JSON.parse(readFileSync(place.counts, 'utf8'))
    : undefined
  const since = (what: keyof Count): number => now[what] - (before?.[what] ?? 0)
  return {
    connections: since('connections'),
    sessions: since('sessions'),
    pctExecs: since('pctExecs'),
    pctExecElsewhere: since('pctExecElsewhere'),
  }
}

export function resetRealCount(place: RealPlace, leader: number): void {
  writeFileSync(place.counts, JSON.stringify(total(leader)))
}
