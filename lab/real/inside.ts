import { type SpawnSyncReturns, spawnSync } from 'node:child_process'

/** How a command inside the lab ended. */
export type Ended = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs a command on Z2 as its root, not over ssh, which may be what is broken. `leader`: pid of its systemd. */
export function onZ2(leader: number, words: string[], input = ''): Ended {
  return spawnSync('nsenter', ['--target', String(leader), '--all', '--', ...words], {
    input,
    encoding: 'utf8',
    env: { PATH: path, LC_ALL: 'C', TZ: 'UTC', HOME: '/root' },
  })
}
