import type { World } from '../world.ts'
import { dataFolder } from './token-file.ts'

export const confFolder = '/etc/pve/nodes/hinata-z2/lxc'
export const confPath = `${confFolder}/109.conf`
export const containerFolder = '/root/data/bulma'

/** Current values of 109.conf (pct.conf(5)), in the order in which Proxmox writes them. */
export const healthyValues: Record<string, string> = {
  arch: 'amd64',
  cores: '2',
  features: 'nesting=1',
  hostname: 'bulma-finance',
  memory: '1024',
  mp0: `${dataFolder},mp=${containerFolder}`,
  net0: 'name=eth0,bridge=vmbr0,gw=192.168.1.1,hwaddr=BC:24:11:6D:41:09,ip=192.168.1.214/24,type=veth',
  onboot: '1',
  ostype: 'debian',
  rootfs: 'local-lvm:vm-109-disk-0,size=8G',
  swap: '512',
  unprivileged: '1',
}

const lines = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')

/** A snapshot after the current values: whoever reads past the first section sees another container. */
const snapshot = lines({ hostname: 'bulma-before', onboot: '0', unprivileged: '0', snaptime: '1780000000' })

export const confText = (): string => `${lines(healthyValues)}\n[before-truelayer]\n${snapshot}`

/** A neighbour that must never be touched: the CT103 of the runbook. */
const neighbourText = lines({
  arch: 'amd64',
  hostname: 'itachi',
  memory: '512',
  onboot: '1',
  unprivileged: '1',
})

export function healthyNode(world: World): void {
  world.write('z2', confPath, confText())
  world.write('z2', `${confFolder}/103.conf`, neighbourText)
  world.link('z2', '/etc/pve/lxc', 'nodes/hinata-z2/lxc')
}

/** Sets one current value, or takes it away. Where there is no configuration at all, there is nothing to change. */
export function setValue(world: World, key: string, value: string | undefined): void {
  const text = world.read('z2', confPath)
  if (text === undefined) return
  const end = text.indexOf('\n[') + 1 || text.length
  const kept = text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(`${key}:`))
  const all = value === undefined ? kept : [...kept, `${key}: ${value}`]
  world.write('z2', confPath, `${all.sort().join('\n')}\n${end < text.length ? '\n' : ''}${text.slice(end)}`)
}

export const healthyValue = (world: World, key: string): void => setValue(world, key, healthyValues[key])

/** z2's mount table: the root and the disk that holds the data folder. `device` is that of the folder the lab lies in. */
export const hostMounts = (device: string): string =>
  `29 1 ${device} / / rw,relatime shared:1 - ext4 /dev/mapper/pve-root rw\n` +
  `34 29 0:5 / /dev rw,nosuid,relatime shared:2 - devtmpfs udev rw\n` +
  `98 29 ${device} / /mnt/data rw,relatime shared:19 - ext4 /dev/sdb1 rw\n`

/** ct109's mount table without its bind mounts. */
export const containerMounts =
  '300 299 252:6 / / rw,relatime shared:130 master:21 - ext4 /dev/mapper/pve-vm--109--disk--0 rw\n' +
  '301 300 0:61 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n' +
  '302 300 0:62 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs rw\n'

/** One bind mount in ct109's table; the root of it counts from the file system that holds the source. */
export const bindLine = (from: string, to: string, device: string): string =>
  `400 300 ${device} ${from.replace(/^\/mnt\/data(?=\/)/, '')} ${to} rw,relatime master:19 - ext4 /dev/sdb1 rw\n`

export const uidMap = (first: number, count: number): string =>
  `${[0, first, count].map((number) => String(number).padStart(10)).join(' ')}\n`
