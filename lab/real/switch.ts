import type { Switch, World } from '../world.ts'
import type { Errands } from './errand.ts'

type Files = Pick<World, 'write' | 'remove'>

/** where `cut-output` cuts when it was not told: inside what a look prints */
const cutBytes = 900
const pct = '/usr/sbin/pct'
/** sourced by root's .bashrc, which bash reads before every command that comes over ssh */
const shellFolder = '/etc/bulma-lab/shell'
const sshSettings = '/etc/ssh/sshd_config.d/fault.conf'
/** what a session may not ask the kernel for fails as on a read-only file system */
const sshUnit = '/run/systemd/system/ssh.service.d/fault.conf'
const hostKey = '/etc/ssh/ssh_host_ed25519_key'
const generators = '/etc/systemd/system-generators'

const greeting = `printf 'Linux hinata-z2 6.8.12-1-pve\\n=== 3 updates wait for you ===\\n'\necho 'stty: standard input: Inappropriate ioctl for device' >&2\n`

// Sessions that are already open would go round what is done to sshd.
const endSessions = 'pkill -KILL -f "^sshd: root" || true;'
const readAgain = `${endSessions} systemctl restart ssh`

/** Turns a fault of the host, or of the way to it, on or off, by what brings it about in real life. Each may be on already. */
export function turnSwitch(errands: Errands, files: Files, name: Switch, on: boolean, text: string): void {
  const z2 = (program: string): void => errands.add({ on: 'z2', program, must: name })
  const put = (path: string, content: string, mode = 0o644): void =>
    on ? files.write('z2', path, content, { mode }) : files.remove('z2', path)
  const ways: Record<Switch, () => void> = {
    'port-refused': () => z2(on ? `${endSessions} systemctl stop ssh` : 'systemctl start ssh'),
    'black-hole': () =>
      z2(on ? `${endSessions} systemctl kill --signal=STOP ssh` : 'systemctl kill --signal=CONT ssh'),
    'host-key': () =>
      z2(
        on
          ? `[ -e ${hostKey}.own ] || { mv ${hostKey} ${hostKey}.own; ssh-keygen -q -t ed25519 -N '' -f ${hostKey}; }; ${readAgain}`
          : `[ ! -e ${hostKey}.own ] || { mv -f ${hostKey}.own ${hostKey}; ${readAgain}; }`,
      ),
    'cut-output': () => {
      put(sshSettings, `ForceCommand /usr/lib/bulma-lab/cut-output ${Number(text) || cutBytes}\n`)
      z2(readAgain)
    },
    'noisy-shell': () => put(`${shellFolder}/greeting`, greeting),
    slow: () => put(`${shellFolder}/sleep`, 'sleep 3\n'),
    'pct-missing': () => z2(on ? `rm -f ${pct}` : `cp /usr/lib/bulma-lab/pct ${pct}`),
    'pct-hangs': () =>
      on ? put(pct, '#!/bin/sh\nexec sleep 300\n', 0o755) : z2(`cp /usr/lib/bulma-lab/pct ${pct}`),
    'repair-fails-enable': () =>
      errands.add({
        on: 'ct109',
        program: on
          ? 'mountpoint -q "$1" || { mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"; }'
          : 'umount "$1"',
        words: ['/etc/systemd/system'],
      }),
    'repair-fails-chmod': () => {
      put(sshUnit, '[Service]\nSystemCallFilter=~chmod fchmod fchmodat\nSystemCallErrorNumber=EROFS\n')
      z2(`systemctl daemon-reload; ${readAgain}`)
    },
    'repair-fails-legacy-morning': () => comesBack('morning'),
    'repair-fails-legacy-evening': () => comesBack('evening'),
  }
  // systemd runs generators before it reads units again: whatever was removed is back by then
  const comesBack = (half: string): void => {
    const unit = `hinata-poll-truelayer-${half}.timer`
    const kept = `/usr/lib/bulma-lab/${unit}`
    put(kept, text)
    const file = `/etc/systemd/system/${unit}`
    put(`${generators}/${half}`, `#!/bin/sh\n[ -e ${file} ] || cp ${kept} ${file}\n`, 0o755)
  }
  ways[name]()
}
