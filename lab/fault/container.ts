import { confFolder, confPath, confText, healthyValue, setValue } from '../healthy/container.ts'
import type { Fault, World } from '../world.ts'

const kind = 'container'
const start = (world: World): void => world.pct('start', '109')
const stop = (world: World): void => world.pct('stop', '109')
const elsewhere = '/etc/pve/nodes/hinata-z3/lxc/109.conf'

const bringBack = (world: World): void => {
  world.remove('z2', '/etc/pve/nodes/hinata-z3')
  if (world.read('z2', confPath) === undefined) world.write('z2', confPath, confText())
  start(world)
}

export const containerFaults: Fault[] = [
  { name: 'container-stopped', says: 'container 109 is stopped', kind, plant: stop, mend: start },
  {
    name: 'container-onboot-off',
    says: 'container 109 does not start when Z2 boots',
    kind,
    plant: (world) => setValue(world, 'onboot', '0'),
    mend: (world) => healthyValue(world, 'onboot'),
  },
  {
    name: 'container-locked',
    says: 'a backup holds the lock of container 109, which runs',
    kind,
    plant: (world) => setValue(world, 'lock', 'backup'),
    mend: (world) => setValue(world, 'lock', undefined),
  },
  {
    name: 'container-stopped-locked',
    says: 'container 109 is stopped while a backup holds its lock',
    kind,
    plant: (world) => {
      stop(world)
      setValue(world, 'lock', 'backup')
    },
    mend: (world) => {
      setValue(world, 'lock', undefined)
      start(world)
    },
  },
  {
    name: 'container-renamed',
    says: 'container 109 is called something else: another machine took the id',
    kind: 'container-identity',
    plant: (world) => setValue(world, 'hostname', 'printer'),
    mend: (world) => healthyValue(world, 'hostname'),
  },
  {
    name: 'container-absent',
    says: 'there is no container 109 on any node',
    kind: 'container-identity',
    plant: (world) => {
      stop(world)
      world.remove('z2', confPath)
    },
    mend: bringBack,
  },
  {
    name: 'container-other-node',
    says: 'container 109 has moved to another node of the cluster, hinata-z3',
    kind: 'container-identity',
    plant: (world) => {
      stop(world)
      const text = world.read('z2', confPath) ?? confText()
      world.write('z2', elsewhere, text)
      world.remove('z2', confPath)
    },
    mend: bringBack,
  },
  {
    name: 'address-changed',
    says: 'container 109 has the address 192.168.1.77',
    kind: 'address',
    plant: (world) => {
      setValue(
        world,
        'net0',
        'name=eth0,bridge=vmbr0,gw=192.168.1.1,hwaddr=BC:24:11:6D:41:09,ip=192.168.1.77/24,type=veth',
      )
      world.address('192.168.1.77')
    },
    mend: (world) => {
      healthyValue(world, 'net0')
      world.address('192.168.1.214')
    },
  },
  {
    name: 'snapshot-only',
    says: 'onboot and the bind mount stand in a snapshot of 109.conf and no longer in its current values',
    kind,
    plant: (world) => {
      const text = world.read('z2', `${confFolder}/109.conf`)
      if (text === undefined || text.includes('[safe]')) return
      world.write(
        'z2',
        confPath,
        `${text}\n[safe]\nonboot: 1\nmp0: /mnt/data/hinata/data/bulma,mp=/root/data/bulma\n`,
      )
      setValue(world, 'onboot', undefined)
    },
    mend: (world) => {
      const text = world.read('z2', confPath)
      if (text === undefined) return
      world.write('z2', confPath, text.replace(/\n\[safe\][\s\S]*$/, ''))
      healthyValue(world, 'onboot')
    },
  },
]
