import type { PublicKey } from './ssh-known-host.ts'

/** A key file of the person's ssh. */
export type KeyFile = {
  path: string
  /** the public half, where it could be read */
  open: PublicKey | null
  /** the whole file, where ssh2 can sign with it: neither encrypted nor of a kind that it does not know */
  secret: string | null
}

/** What to offer a host, in order: the keys of the agent that may be used, then files. */
export type Identities = { fromAgent: PublicKey[]; fromFiles: KeyFile[] }

/**
 * The order of ssh itself: keys of the agent that IdentityFile names, other keys of the agent unless IdentitiesOnly is
 * set, then files that the agent does not hold. A host ends the connection after some six wrong ones.
 */
export function identitiesOf(agent: PublicKey[], files: KeyFile[], identitiesOnly: boolean): Identities {
  const isNamed = ({ blob }: PublicKey): boolean => files.some(({ open }) => open?.blob.equals(blob) ?? false)
  const isHeld = ({ open }: KeyFile): boolean =>
    open !== null && agent.some(({ blob }) => blob.equals(open.blob))
  return {
    fromAgent: [...agent.filter(isNamed), ...(identitiesOnly ? [] : agent.filter((key) => !isNamed(key)))],
    fromFiles: files.filter((file) => file.secret !== null && !isHeld(file)),
  }
}
