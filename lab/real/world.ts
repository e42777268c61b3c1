import { banksOf } from '../bank/fault.ts'
import { ordersTo } from '../bank/waiting-order.ts'
import type { World } from '../world.ts'
import type { Errands } from './errand.ts'
import { realFiles } from './file.ts'
import type { RealPlace } from './place.ts'
import { turnSwitch } from './switch.ts'
import { unitFaults } from './unit-fault.ts'

/** how long a container may take until its systemd is up */
const patienceSeconds = 15
const awaitContainer = `n=0; until systemctl is-system-running | grep -qE 'running|degraded' || [ $n -ge ${patienceSeconds * 10} ]; do sleep 0.1; n=$((n + 1)); done`

// $1 is a folder in the container. Where it is stopped there is nothing to mount on.
const uncover = 'while umount -l "$1" 2>/dev/null; do :; done'
const inContainer = (program: string): string => `attached sh -c '${program}' sh "$1"`
const ifRunning = `running || exit 0\n${inContainer(uncover)}\n`
const bindFrom = '/usr/lib/bulma-lab/bind "$(lxc-info -n 109 -p -H)" "$2" "$1"'
const cover = inContainer('mount --bind /etc/hostname "$1"')

const readdress = `
  pid=$(lxc-info -n 109 -p -H) && [ -n "$pid" ] || exit 0
  inside() { nsenter -t "$pid" -n ip "$@"; }
  inside address flush dev eth0 scope global
  inside address add "$1/24" dev eth0
  inside route add default via 192.168.1.1`

/** The world of a real lab: every change is made by the real tools of the machine that it is made on. */
export function realWorld(place: RealPlace, errands: Errands, now: () => Date = () => new Date()): World {
  const files = realFiles(place, errands)
  const orders = ordersTo(place)
  const systemctl: World['systemctl'] = (on, ...words) => {
    // a hand that starts a unit time and again is not what its start limit is for
    const units = words.filter((word) => /\.\w+$/.test(word))
    if (/^(re)?start$/.test(words[0] ?? '') && units.length > 0)
      errands.add({ on, program: 'systemctl reset-failed "$@"', words: units })
    errands.add({ on, program: 'systemctl "$@"', words })
  }
  return {
    ...files,
    ...unitFaults(files, systemctl),
    ...banksOf(orders.give, files.read),
    now,
    systemctl,
    pct: (...words) => {
      errands.add({ on: 'z2', program: '/usr/lib/bulma-lab/pct "$@" --skiplock 1', words })
      if (words[0] === 'start') errands.add({ on: 'ct109', program: awaitContainer })
    },
    bind: (path, from) =>
      errands.add({
        on: 'z2',
        program: ifRunning + (from === undefined ? '' : bindFrom),
        words: [path, from ?? ''],
        must: `bind ${path}`,
      }),
    cover: (path, covered) =>
      errands.add({
        on: 'z2',
        program: ifRunning + (covered ? cover : ''),
        words: [path],
        must: `cover ${path}`,
      }),
    address: (address) =>
      errands.add({ on: 'z2', program: readdress, words: [address], must: `address ${address}` }),
    turn: (name, on, text = '') => turnSwitch(errands, files, name, on, text),
    settle: async () => {
      errands.run()
      await orders.settle()
    },
  }
}
