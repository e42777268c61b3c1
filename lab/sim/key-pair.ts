import { generateKeyPairSync, randomBytes } from 'node:crypto'

const type = 'ssh-ed25519'
/** the cipher block that an unencrypted private section is padded to */
const blockBytes = 8

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const string = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([number(bytes.length), bytes])
}

/**
 * A new ed25519 pair in OpenSSH's formats (PROTOCOL.key): the private file's text and the line of the public one. Written here
 * because ssh2 1.17 loses leading zeros, and one key in some hundreds of its making cannot be read again.
 */
export function newKeyPair(comment: string): { secret: string; shown: string } {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const [open, seed] = [Buffer.from(x ?? '', 'base64url'), Buffer.from(d ?? '', 'base64url')]
  const blob = Buffer.concat([string(type), string(open)])
  const check = randomBytes(4)
  const section = Buffer.concat([check, check, blob, string(Buffer.concat([seed, open])), string(comment)])
  const padding = Buffer.from(
    Array.from({ length: -section.length & (blockBytes - 1) }, (_, index) => index + 1),
  )
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    number(1),
    string(blob),
    string(Buffer.concat([section, padding])),
  ])
  const lines = file.toString('base64').match(/.{1,70}/g) ?? []
  const secret = [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
    '',
  ].join('\n')
  return { secret, shown: `${type} ${blob.toString('base64')} ${comment}` }
}
