import type { SFTPWrapper } from 'ssh2'

/** Extensions of OpenSSH's sftp-server (PROTOCOL, section 4) that an atomic replacement needs. */
const extensions = { 'posix-rename@openssh.com': '1', 'fsync@openssh.com': '1' }

/** SSH_FXP_VERSION, version 3 */
const bareVersion = Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 3])

const string = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

/** ssh2's server answers a client's SSH_FXP_INIT with a bare version and has no setting for more: the packet is completed here, once. */
export function announceExtensions(sftp: SFTPWrapper): void {
  const inner = sftp as unknown as {
    outgoing: { id: number }
    _protocol: { channelData(id: number, data: Buffer): void }
  }
  const protocol = inner._protocol
  const send = protocol.channelData
  protocol.channelData = function (id, data) {
    if (id !== inner.outgoing.id || !data.equals(bareVersion)) return send.call(this, id, data)
    protocol.channelData = send
    const body = Buffer.concat([
      bareVersion.subarray(4),
      ...Object.entries(extensions).flatMap((each) => each.map(string)),
    ])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return send.call(this, id, Buffer.concat([length, body]))
  }
}

/** Two strings in a row, as posix-rename has them. */
export function pair(data: Buffer): [string, string] {
  const first = data.readUInt32BE(0)
  return [
    data.toString('utf8', 4, 4 + first),
    data.toString('utf8', 8 + first, 8 + first + data.readUInt32BE(4 + first)),
  ]
}
