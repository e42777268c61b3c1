import { readFileSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import ssh2, { type BaseAgent, type GetStreamCallback, type ParsedKey } from 'ssh2'
import { type Identities, identitiesOf, type KeyFile } from '../../login/ssh-identity.ts'
import type { PublicKey } from '../../login/ssh-known-host.ts'
import type { SshSetting } from '../../login/ssh-setting.ts'
import { expandPath, type Here, type SshTokens } from '../../login/ssh-token.ts'
import { within } from './upload-limit.ts'

/** an agent answers at once what keys it has */
const listMs = 5000
/** more than any key file has */
const mostBytes = 65_536

/** How to log in. `agent` signs for the keys of `fromAgent`. */
export type LoginKeys = Identities & { agent: BaseAgent | null }

/** The keys that ssh would offer and ssh2 can: the agent's and those in unencrypted files that only their owner can read. */
export async function findLoginKeys(
  setting: SshSetting,
  tokens: SshTokens,
  here: Here,
  project: string,
): Promise<LoginKeys> {
  const path = (text: string): string | null => {
    const expanded = expandPath(text, tokens, here)
    return expanded === null ? null : resolve(project, expanded)
  }
  const socket = agentSocket(setting.identityagent, path, here)
  const agent = socket === null ? null : new PersonAgent(socket)
  const files = setting.identityfile.map(path).flatMap((file) => (file === null ? [] : [readKey(file, here)]))
  const held = agent === null ? [] : await keysOf(agent)
  return { ...identitiesOf(held, files, setting.identitiesonly), agent }
}

/** IdentityAgent of ssh_config(5): a path, `none`, `SSH_AUTH_SOCK` or the name of a variable. */
function agentSocket(
  named: string | undefined,
  path: (text: string) => string | null,
  { environment }: Here,
): string | null {
  if (named === 'none') return null
  if (named === undefined || named === 'SSH_AUTH_SOCK') return environment.SSH_AUTH_SOCK || null
  const [, variable] = /^\$([A-Za-z_]\w*)$/.exec(named) ?? []
  return variable === undefined ? path(named) : environment[variable] || null
}

/** The person's agent. One that hangs does not keep the process alive: what waits for it has a limit of its own. */
class PersonAgent extends ssh2.OpenSSHAgent {
  override getStream(done: GetStreamCallback): void {
    super.getStream((error, stream) => {
      if (stream instanceof Socket) stream.unref()
      done(error, stream)
    })
  }
}

/** An agent that is not there or does not answer has no keys, as for ssh. */
const keysOf = (agent: BaseAgent): Promise<PublicKey[]> =>
  within(
    listMs,
    'the agent does not answer',
    new Promise<PublicKey[]>((done, fail) =>
      agent.getIdentities((error, keys) =>
        error ? fail(error) : done((keys ?? []).map((key) => publicHalf(key as ParsedKey))),
      ),
    ),
  ).catch(() => [])

/** Nothing that cannot be read or is not understood is an error: ssh goes on to the next key too. */
function readKey(path: string, { uid }: Here): KeyFile {
  const file = fileAt(path)
  // ssh does not use a key of ours that others can read
  const isOpen = file?.uid === uid && (file.mode & 0o077) !== 0
  const [key] = parsed(file?.text)
  const [open] = [...(key ? [key] : []), ...parsed(fileAt(`${path}.pub`)?.text)]
  const isUsable = key?.isPrivateKey() && !isOpen
  return { path, open: open ? publicHalf(open) : null, secret: isUsable ? (file?.text ?? null) : null }
}

function fileAt(path: string): { text: string; mode: number; uid: number } | null {
  try {
    const found = statSync(path)
    const { mode, uid } = found
    return found.isFile() && found.size <= mostBytes ? { text: readFileSync(path, 'utf8'), mode, uid } : null
  } catch {
    // not there, or not for us: a key that is not offered
    return null
  }
}

const parsed = (text: string | undefined): ParsedKey[] => {
  const key = text === undefined ? [] : ssh2.utils.parseKey(text)
  return key instanceof Error ? [] : [key].flat()
}

const publicHalf = (key: ParsedKey): PublicKey => ({ type: key.type, blob: key.getPublicSSH() })
