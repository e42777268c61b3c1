import { createRequire } from 'node:module'
import type { ConnectConfig, SFTPWrapper } from 'ssh2'

/** What is used of ssh2-sftp-client 12, which brings no types of its own. */
export type SftpClient = {
  on(event: 'error' | 'end' | 'close', told: (error?: Error) => void): void
  connect(config: ConnectConfig): Promise<SFTPWrapper>
  end(): Promise<boolean>
}

const require = createRequire(import.meta.url)

/** A new client. Its own listeners would print: they are replaced by silence, and whoever uses it listens. */
export const newSftpClient = (): SftpClient => {
  const Client = require('ssh2-sftp-client') as new (name: string, callbacks: object) => SftpClient
  return new Client('bulma-infra', {})
}
