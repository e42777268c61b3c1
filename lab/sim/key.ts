import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newKeyPair } from './key-pair.ts'
import type { Place } from './place.ts'

/** The alias that everything here uses for Z2. */
export const alias = 'hinata-z2'

export const keyFile = {
  user: 'id_ed25519',
  host: 'ssh_host_ed25519_key',
  /** what `host-key` presents instead: a host that is not ours */
  otherHost: 'other_host_ed25519_key',
}

/** Three new key pairs: one for the person, one for the host, one for the host that it must not be. */
export function writeKeys(place: Place): void {
  mkdirSync(place.keys, { recursive: true, mode: 0o700 })
  for (const name of Object.values(keyFile)) {
    const pair = newKeyPair(`lab-${name}`)
    writeFileSync(join(place.keys, name), pair.secret, { mode: 0o600 })
    writeFileSync(join(place.keys, `${name}.pub`), `${pair.shown}\n`)
  }
}

/** A path in ssh_config(5): quoted for spaces, and `%` is not a token. */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`

/** `Host hinata-z2` for this lab; only its own key is offered, and only its own host key is believed. */
export const sshConfigText = (place: Place, port: number, address = '127.0.0.1'): string => `Host ${alias}
  HostName ${address}
  Port ${port}
  User root
  IdentityFile ${quoted(join(place.keys, keyFile.user))}
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  UserKnownHostsFile ${quoted(place.knownHosts)}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`

export const knownHostsText = (publicKey: string, port: number): string =>
  `[127.0.0.1]:${port} ${publicKey.trim().split(' ').slice(0, 2).join(' ')}\n`
