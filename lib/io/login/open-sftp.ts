import { hostname, userInfo } from 'node:os'
import type { Config } from '../../config.ts'
import { algorithmsFor } from '../../login/ssh-algorithm.ts'
import { openProblem } from '../../login/ssh-problem.ts'
import { proxyOf } from '../../login/ssh-proxy.ts'
import { type SshSetting, sshOnly } from '../../login/ssh-setting.ts'
import { type Here, tokensOf } from '../../login/ssh-token.ts'
import { findHostKeys, type HostKeys, WrongHostKey } from './host-key.ts'
import { sftpUpload } from './sftp.ts'
import { connectSftp } from './sftp-connection.ts'
import { findLoginKeys } from './sftp-identity.ts'
import { dial, startProxy } from './sftp-transport.ts'
import type { Upload } from './upload.ts'

/**
 * The way over SFTP, with ssh2, as far as it can do what the person's ssh is set to do.
 * @returns `lacks`: why only ssh itself can
 * @throws Problem (3); nothing was sent then
 */
export async function openSftp(
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
