import { banksOf, giveTo } from '../bank/fault.ts'
import type { World } from '../world.ts'
import { realFiles } from './file.ts'
import { type Ended, isRunning, onCt109, onZ2 } from './inside.ts'
import type { RealPlace } from './place.ts'
import { turnSwitch } from './switch.ts'
import { unitFaults } from './unit-fault.ts'

/** how long a container may take until its systemd is up */
const patienceSeconds = 15
const awaitContainer = `n=0; until systemctl is-system-running | grep -qE 'running|degraded' || [ $n -ge ${patienceSeconds * 10} ]; do sleep 0.1; n=$((n + 1)); done`
const uncover = 'while umount -l "$1" 2>/dev/null; do :; done'
const cover = 'mount --bind /etc/hostname "$1"'
const bindFrom = '/usr/lib/bulma-lab/bind "$(lxc-info -n 109 -p -H)" "$1" "$2"'

const readdress = `
  pid=$(lxc-info -n 109 -p -H) && [ -n "$pid" ] || exit 0
  inside() { nsenter -t "$pid" -n ip "$@"; }
  inside address flush dev eth0 scope global
  inside address add "$1/24" dev eth0
  inside route add default via 192.168.1.1`

/** The world of a real lab: every change is made by the real tools of the machine that it is made on. */
export function realWorld(place: RealPlace, leader: number, now: () => Date = () => new Date()): World {
  const files = realFiles(place, leader)
  const must = ({ status, stderr }: Ended): void => {
    if (status !== 0) throw new Error(`in the real lab: ${stderr.trim()}`)
  }
  const systemctl: World['systemctl'] = (side, ...words) => {
    const on = side === 'z2' ? onZ2 : onCt109
    // a hand that starts a unit time and again is not what its start limit is for
    const units = words.filter((word) => /\.\w+$/.test(word))
    if (/^(re)?start$/.test(words[0] ?? '') && units.length > 0)
      on(leader, ['systemctl', 'reset-failed', ...units])
    on(leader, ['systemctl', ...words])
  }
  return {
    ...files,
    ...unitFaults(files, systemctl),
    ...banksOf(giveTo(place), files.read),
    now,
    systemctl,
    pct: (verb = '', ...words) => {
      onZ2(leader, ['/usr/lib/bulma-lab/pct', verb, ...words, '--skiplock', '1'])
      if (verb === 'start') onCt109(leader, ['sh', '-c', awaitContainer])
    },
    bind: (path, from) => {
      if (!isRunning(leader)) return
      must(onCt109(leader, ['sh', '-c', uncover, 'uncover', path]))
      if (from !== undefined) must(onZ2(leader, ['sh', '-c', bindFrom, 'bind', from, path]))
    },
    cover: (path, covered) => {
      if (!isRunning(leader)) return
      must(onCt109(leader, ['sh', '-c', uncover, 'uncover', path]))
      if (covered) must(onCt109(leader, ['sh', '-c', cover, 'cover', path]))
    },
    address: (address) => must(onZ2(leader, ['sh', '-ec', readdress, 'address', address])),
    turn: (name, on, text = '') => turnSwitch(leader, files, name, on, text),
  }
}
