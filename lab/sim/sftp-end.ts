import type { SFTPWrapper } from 'ssh2'

/**
 * Ends the session when the client says that it sends no more, as OpenSSH's sftp-server and sshd do: what has come is answered,
 * and then there is an exit status, the end of the output and of the channel. scp waits for that; ssh2's server leaves it open.
 */
export function endWithClient(sftp: SFTPWrapper, settled: () => Promise<unknown>, close: () => void): void {
  const inner = sftp as unknown as {
    outgoing: { id: number; state: string }
    _protocol: { exitStatus(id: number, status: number): void; channelEOF(id: number): void }
  }
  sftp.once('end', () => {
    void settled().then(() => {
      close()
      const { id, state } = inner.outgoing
      // gone already, with the connection
      if (state !== 'open') return
      inner._protocol.exitStatus(id, 0)
      inner._protocol.channelEOF(id)
      sftp.end()
    })
  })
}
