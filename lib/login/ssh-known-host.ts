/** A public key: its type, as `ssh-ed25519`, and its bytes as they go over the wire (RFC 4253, 6.6). */
export type PublicKey = { type: string; blob: Buffer }

/** What the known_hosts files hold of a host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export type KnownHost = {
  keys: PublicKey[]
  revoked: PublicKey[]
  /** is it, or could it be, vouched for by a certificate authority? */
  hasAuthority: boolean
}

/** Names by which ssh looks for a host key, in order: the second counts only where the first finds nothing. */
export function namesOf(of: { hostname: string; port: number; hostkeyalias: string | null }): string[] {
  if (of.hostkeyalias !== null) return [of.hostkeyalias]
  return of.port === 22 ? [of.hostname] : [`[${of.hostname}]:${of.port}`, of.hostname]
}

/** Reads what `ssh-keygen -F NAME -f FILE` printed: the lines that match, hashed ones too, each after a comment. */
export function parseFound(out: string): KnownHost {
  const known: KnownHost = { keys: [], revoked: [], hasAuthority: false }
  for (const line of out.split('\n')) {
    if (line.startsWith('#')) continue
    const words = line.trim().split(/\s+/)
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined
    const key = publicKey(words[1], words[2])
    if (key === null) continue
    if (marker === undefined) known.keys.push(key)
    else if (marker === '@revoked') known.revoked.push(key)
    else if (marker === '@cert-authority') known.hasAuthority = true
  }
  return known
}

/** What several files hold together. */
export const together = (parts: KnownHost[]): KnownHost => ({
  keys: parts.flatMap(({ keys }) => keys),
  revoked: parts.flatMap(({ revoked }) => revoked),
  hasAuthority: parts.some(({ hasAuthority }) => hasAuthority),
})

/** What is wrong with a host key. `missing`: the host has none of the kinds that are known. */
export type HostKeyJudgement = 'revoked' | 'changed' | 'missing'

/** What is to be thought of the key that a host shows, byte for byte. */
export function judgeHostKey(shown: Buffer, { keys, revoked }: KnownHost): 'known' | HostKeyJudgement {
  if (revoked.some(({ blob }) => blob.equals(shown))) return 'revoked'
  return keys.some(({ blob }) => blob.equals(shown)) ? 'known' : 'changed'
}

/** The type that a key's own bytes name; empty when they name none. */
export function typeOf(blob: Buffer): string {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0)
  return length > blob.length - 4 ? '' : blob.toString('latin1', 4, 4 + length)
}

function publicKey(type: string | undefined, base64: string | undefined): PublicKey | null {
  if (type === undefined || base64 === undefined) return null
  const blob = Buffer.from(base64, 'base64')
  return typeOf(blob) === type ? { type, blob } : null
}
