import { hostname, userInfo } from 'node:os'
import type { Config } from '../../config.ts'
import { algorithmsFor } from '../../login/ssh-algorithm.ts'
import { openProblem } from '../../login/ssh-problem.ts'
import { proxyOf } from '../../login/ssh-proxy.ts'
import { parseSshSetting, type SshSetting, sshOnly } from '../../login/ssh-setting.ts'
import { type Here, tokensOf } from '../../login/ssh-token.ts'
import { lastSaid } from '../../ssh-said.ts'
import { findHostKeys, type HostKeys, WrongHostKey } from './host-key.ts'
import { sftpUpload } from './sftp.ts'
import { connectSftp } from './sftp-connection.ts'
import { findLoginKeys } from './sftp-identity.ts'
import { dial, startProxy } from './sftp-transport.ts'
import { sshUpload } from './ssh-upload.ts'
import { runChild } from './upload-child.ts'

/** A way into the staging folder on Z2. Names are plain file names; what is put there is 0600. */
export type Upload = {
  /** over SFTP, or through the standard input of ssh */
  how: 'sftp' | 'ssh'
  /** why not over SFTP, in one clause; null for SFTP */
  why: string | null
  /** @throws Problem: 3 when the connection was lost, else 1; `left` says what lies in the folder */
  put(name: string, content: Buffer): Promise<void>
  /** Removes a file that was put there; nothing there is as good. @throws Problem */
  remove(name: string): Promise<void>
  /** Leaves no socket and no process but the shared master of ssh; never fails, a few seconds at most. */
  end(): Promise<void>
}

/** ssh reads its configuration, and may look up names and run `Match exec` for it */
const settingMs = 10_000

/**
 * Opens the way into the staging folder, as the person's own ssh would go to Z2: over SFTP, or, where ssh can log in and
 * ssh2 cannot, through ssh itself. A host key that is not the known one ends it either way.
 * @param project the folder that relative paths of ssh's configuration count from
 * @throws Problem (3); nothing was sent then
 */
export async function openUpload(config: Config, project: string): Promise<Upload> {
  const setting = await askSetting(config, project)
  const opened = await openSftp(config, project, setting)
  return 'lacks' in opened ? sshUpload(config, project, opened.lacks) : opened
}

async function askSetting(config: Config, project: string): Promise<SshSetting> {
  const file = config.sshConfig === undefined ? [] : ['-F', config.sshConfig]
  const end = await runChild('ssh', ['-G', ...file, '--', config.host], { cwd: project, limitMs: settingMs })
  if (end.startError !== undefined)
    throw openProblem(config, { kind: 'no-ssh', why: `ssh could not be started (${end.startError})` })
  const setting = end.status === 0 ? parseSshSetting(end.out) : null
  if (setting !== null) return setting
  const said = end.timedOut ? `it does not say how within ${settingMs / 1000} s` : lastSaid(end.stderr)
  throw openProblem(config, { kind: 'unreachable', why: `ssh -G: ${said || 'no answer that can be read'}` })
}

/** @returns `lacks`: why only ssh itself can. @throws Problem */
async function openSftp(
  config: Config,
  project: string,
  setting: SshSetting,
): Promise<Upload | { lacks: string }> {
  const { homedir, username, uid, shell } = userInfo()
  const here: Here = { home: homedir, user: username, uid, machine: hostname(), environment: process.env }
  const tokens = tokensOf(config.host, setting, here)
  const reason = sshOnly(setting)
  if (reason !== null) return { lacks: reason }

  const proxy = proxyOf(setting, tokens, config.sshConfig, process.env.SHELL || shell || '/bin/sh')
  if (proxy !== null && 'lacks' in proxy) return proxy
  const [hostKeys, keys] = await Promise.all([
    findHostKeys(setting, tokens, here, project),
    findLoginKeys(setting, tokens, here, project),
  ])
  const elsewhere = vouchedElsewhere(config, setting, hostKeys)
  if (elsewhere !== null) return { lacks: elsewhere }
  const algorithms = algorithmsFor(
    setting,
    hostKeys.keys.map(({ type }) => type),
  )
  if ('lacks' in algorithms) return algorithms
  if (keys.fromAgent.length + keys.fromFiles.length === 0)
    return { lacks: 'no key in the agent or in a file without passphrase that ssh2 can use' }

  const transport = proxy === null ? dial(setting) : startProxy(proxy, project)
  const of = { user: setting.user, algorithms: algorithms.offer, hostKeys, keys }
  const connection = await connectSftp(transport, of).catch((error: Error) => {
    if (!(error instanceof WrongHostKey)) return { lacks: error.message }
    const { judgement, shown } = error
    const [name = config.host] = hostKeys.names
    throw openProblem(config, { kind: 'host-key', judgement, shown, name, known: hostKeys.keys })
  })
  if ('lacks' in connection) return connection
  return sftpUpload(config, connection).catch(async (problem: unknown) => {
    await connection.end()
    throw problem
  })
}

/**
 * Who but the known_hosts files vouches for the host, in one clause; null where they do.
 * @throws Problem where nobody does
 */
function vouchedElsewhere(config: Config, setting: SshSetting, found: HostKeys): string | null {
  if (found.keys.length > 0) return null
  if (found.hasAuthority) return 'a certificate authority vouches for the host, which only ssh can check'
  if (setting.knownhostscommand !== null) return 'a command vouches for the host, which only ssh can ask'
  throw openProblem(config, { kind: 'host-unknown', names: found.names, files: found.files })
}
