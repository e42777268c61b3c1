import type { SshSetting } from './ssh-setting.ts'

// What ssh2 1.17 has of each kind (its lib/protocol/constants.js), but what only very old hosts need. It refuses to start
// with a name that it does not know, so the person's own choice is cut down to these.
const ours = {
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ],
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha1',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
  ],
}

const named = {
  serverHostKey: 'kind of host key',
  kex: 'key exchange',
  cipher: 'cipher',
  hmac: 'message authentication',
}

/** The names to offer, by the names of ssh2's `algorithms`. */
export type Algorithms = Record<keyof typeof ours, string[]>

/** The type of host key that an algorithm signs with (RFC 8332: the same RSA key under three names). */
const keyTypeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)

/**
 * What ssh2 may offer: what the person's ssh would, as far as ssh2 has it, and only host keys of the types that are known,
 * so that the host shows one that can be compared.
 * @returns or, in one clause, what ssh has and ssh2 has not
 */
export function algorithmsFor(
  setting: SshSetting,
  knownTypes: string[],
): { offer: Algorithms } | { lacks: string } {
  const offer: Algorithms = {
    serverHostKey: both(setting.hostkeyalgorithms, ours.serverHostKey).filter((name) =>
      knownTypes.includes(keyTypeOf(name)),
    ),
    kex: both(setting.kexalgorithms, ours.kex),
    cipher: firstFast(both(setting.ciphers, ours.cipher)),
    hmac: both(setting.macs, ours.hmac),
  }
  const empty = (Object.keys(named) as (keyof Algorithms)[]).find((kind) => offer[kind].length === 0)
  return empty === undefined ? { offer } : { lacks: `ssh is told to use a ${named[empty]} that ssh2 has not` }
}

const both = (wanted: string[], had: string[]): string[] =>
  wanted.length === 0 ? had : wanted.filter((name) => had.includes(name))

// ssh2 has chacha20 in plain JavaScript, OpenSSH puts it first: any other goes before it
const firstFast = (names: string[]): string[] => [
  ...names.filter((name) => !name.startsWith('chacha20')),
  ...names.filter((name) => name.startsWith('chacha20')),
]
