import { type SpawnSyncReturns, spawnSync } from 'node:child_process'

// systemctl then changes links only: there is no systemd to talk to
const offline = ['env', 'SYSTEMD_OFFLINE=1']

/** How a command inside the lab ended. */
export type Ended = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const rootfs = '/var/lib/lxc/109/rootfs'
const mappedIds = ['u:0:100000:65536', 'g:0:100000:65536']

/** Runs a command on Z2 as its root, not over ssh, which may be what is broken. `leader`: pid of its systemd. */
export function onZ2(leader: number, words: string[], input = ''): Ended {
  return spawnSync('nsenter', ['--target', String(leader), '--all', '--', ...words], {
    input,
    encoding: 'utf8',
    env: { PATH: path, LC_ALL: 'C', TZ: 'UTC', HOME: '/root' },
  })
}

/** Runs a command as root of container 109, past `pct`; in its bare file system when it is stopped. */
export function onCt109(leader: number, words: string[], input = ''): Ended {
  const enter = isRunning(leader)
    ? ['lxc-attach', '-n', '109', '--clear-env', '-v', `PATH=${path}`, '--']
    : ['lxc-usernsexec', ...mappedIds.flatMap((each) => ['-m', each]), '--', 'chroot', rootfs, ...offline]
  return onZ2(leader, [...enter, ...words], input)
}

export const isRunning = (leader: number): boolean =>
  onZ2(leader, ['lxc-info', '-n', '109', '-s', '-H']).stdout === 'RUNNING\n'
