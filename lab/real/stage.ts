import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { credentialsText } from '../healthy/token-file.ts'
import { keyFile } from '../sim/key.ts'
import type { Bank } from '../world.ts'
import { bankPorts } from './bank.ts'
import type { Network } from './network.ts'
import type { RealPlace } from './place.ts'

// The containers reach the banks through Z2's own address on their bridge, and nothing else: no packet is routed anywhere.
const bridge = '192.168.1.1'
const socketText = (port: number): string =>
  `[Unit]\nAfter=lab-network.service\n\n[Socket]\nListenStream=${bridge}:${port}\nFreeBind=yes\n`
const proxyText = (target: string): string =>
  `[Service]\nExecStart=/lib/systemd/systemd-socket-proxyd ${target}\n`
const urlOf = (bank: Bank): string => `http://${bridge}:${bankPorts[bank]}`
const pollEnvironment = [
  `BULMA_MONZO_API=${urlOf('monzo')}`,
  `BULMA_TRUELAYER_AUTH=${urlOf('truelayer')}`,
  `BULMA_TRUELAYER_API=${urlOf('truelayer')}`,
  '',
].join('\n')

/** systemd runs all generators at each reload (systemd.generator(7)). Of these none has anything to find in a lab. */
const idleGenerators = [
  'cryptsetup',
  'debug',
  'getty',
  'gpt-auto',
  'hibernate-resume',
  'integritysetup',
  'rc-local',
  'run',
  'system-update',
  'sysv',
  'veritysetup',
]

/**
 * Puts together what is laid over the image at the start: the files of `z2/` and `ct109/` beside this one, and what only this
 * lab has. Owners come with the laying: all of it is root's.
 */
export function writeStage(place: RealPlace, network: Network): void {
  const { stage, keys } = place
  rmSync(stage, { recursive: true, force: true })
  for (const side of ['z2', 'ct109'])
    cpSync(join(import.meta.dirname, side), join(stage, side), { recursive: true })
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(stage, path)), { recursive: true })
    writeFileSync(join(stage, path), text, { mode })
    chmodSync(join(stage, path), mode)
  }
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(stage, path)), { recursive: true })
    symlinkSync(target, join(stage, path))
  }
  write('z2/etc/bulma-lab/network', `ADDRESS=${network.z2}/${network.bits}\n`)
  // a fault takes pct away and brings it back from here
  cpSync(join(stage, 'z2/usr/lib/bulma-lab/pct'), join(stage, 'z2/usr/sbin/pct'))
  write('z2/etc/fstab', '/srv/disk /mnt/data none bind 0 0\n')
  write('z2/etc/hostname', 'hinata-z2\n')
  write('z2/etc/hosts', '127.0.0.1 localhost\n192.168.1.1 hinata-z2\n')
  write('z2/etc/ssh/ssh_host_ed25519_key', readFileSync(join(keys, keyFile.host), 'utf8'), 0o600)
  write('z2/root/.ssh/authorized_keys', readFileSync(join(keys, `${keyFile.user}.pub`), 'utf8'), 0o600)
  chmodSync(join(stage, 'z2/root/.ssh'), 0o700)
  for (const unit of ['lab-network.service', 'pve-guests.service'])
    link(`z2/etc/systemd/system/multi-user.target.wants/${unit}`, `../${unit}`)
  for (const side of ['z2', 'ct109'])
    for (const name of idleGenerators)
      link(`${side}/etc/systemd/system-generators/systemd-${name}-generator`, '/dev/null')
  const poller = join(import.meta.dirname, '../poller')
  for (const name of readdirSync(poller).filter((each) => each.endsWith('.sh')))
    cpSync(join(poller, name), join(stage, 'ct109/opt/bulma', name))
  write('ct109/etc/bulma/truelayer_credentials.json', credentialsText('truelayer'), 0o600)
  write('ct109/etc/bulma/poll.env', pollEnvironment)
  for (const [bank, port] of Object.entries(bankPorts)) {
    const unit = `lab-bank-${bank}`
    write(`z2/etc/systemd/system/${unit}.socket`, socketText(port))
    write(`z2/etc/systemd/system/${unit}.service`, proxyText(`${network.here}:${port}`))
    link(`z2/etc/systemd/system/sockets.target.wants/${unit}.socket`, `../${unit}.socket`)
  }
  // where the configuration's relative roots, .lab/z2 and .lab/ct109, lead to: ssh starts commands in /root, systemd in /, and
  // lxc-attach in the folder that it is called from, or in /
  for (const side of ['z2', 'ct109'])
    for (const home of ['root', '']) link(join(side, home, '.lab', side), '/')
}
