import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2, { type Connection, type SFTPWrapper } from 'ssh2'
import { keygen } from './own-sshd.ts'

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp
type Opened = ReturnType<AwkwardHost['opened']>

/** What an awkward host does; everything else succeeds, and nothing is kept anywhere. */
export type Awkward = {
  /** status of every WRITE, OPEN or REMOVE */
  write?: number
  open?: number
  remove?: number
  /** says that it wrote, and did not */
  swallows?: boolean
  /** ends the SFTP session at this request, and leaves the connection open */
  endsAt?: 'WRITE' | 'OPEN' | 'LSTAT'
  /** answers a request with bytes that are no SFTP */
  nonsenseAt?: 'WRITE'
}

export type AwkwardHost = {
  port: number
  hostKey: string
  be(how: Awkward): void
  /** how the last file was opened: names of flags, and the mode that was asked for */
  opened(): { flags: string[]; mode: number | undefined } | null
  stop(): Promise<void>
}

/** An SSH server whose SFTP fails on purpose. Its staging folder is as it must be; anybody may log in. */
export async function startAwkward(folder: string): Promise<AwkwardHost> {
  const file = join(folder, 'awkward_key')
  keygen(file, 'ed25519')
  let how: Awkward = {}
  let opened: Opened = null
  const clients = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [readFileSync(file)] }, (client) => {
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('error', () => client.end())
    client.on('authentication', (attempt) => attempt.accept())
    client.on('session', (accept) => {
      accept().on('sftp', (take) =>
        serve(
          take(),
          () => how,
          (of) => {
            opened = of
          },
        ),
      )
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  return {
    port,
    hostKey: readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' '),
    be: (next) => {
      how = next
      opened = null
    },
    opened: () => opened,
    stop: async () => {
      for (const client of clients) client.end()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

function serve(sftp: SFTPWrapper, how: () => Awkward, told: (opened: Opened) => void): void {
  const handle = Buffer.from('one')
  const folder = { mode: 0o040_700, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
  const isOver = (request: Awkward['endsAt']): boolean => {
    if (how().endsAt !== request) return false
    sftp.end()
    return true
  }
  let size = 0
  sftp.on('LSTAT', (id, path) => {
    if (isOver('LSTAT')) return
    if (path.endsWith('.bulma-infra-staging')) sftp.attrs(id, folder)
    else sftp.status(id, STATUS_CODE.NO_SUCH_FILE)
  })
  sftp.on('OPEN', (id, _path, flags, { mode }) => {
    const names = Object.entries(OPEN_MODE).flatMap(([name, bit]) =>
      (flags & Number(bit)) === 0 ? [] : [name],
    )
    told({ flags: names.sort(), mode })
    size = 0
    if (isOver('OPEN')) return
    const status = how().open
    if (status === undefined) sftp.handle(id, handle)
    else sftp.status(id, status)
  })
  sftp.on('WRITE', (id, _handle, _offset, data) => {
    if (isOver('WRITE')) return
    if (how().nonsenseAt === 'WRITE') {
      const inner = sftp as unknown as {
        outgoing: { id: number }
        _protocol: { channelData(id: number, data: Buffer): void }
      }
      inner._protocol.channelData(inner.outgoing.id, Buffer.from('Broadcast message from root@z2'))
      return
    }
    const status = how().write ?? STATUS_CODE.OK
    if (status === STATUS_CODE.OK && how().swallows !== true) size += data.length
    sftp.status(id, status)
  })
  sftp.on('REMOVE', (id) => sftp.status(id, how().remove ?? STATUS_CODE.OK))
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('FSTAT', (id) => sftp.attrs(id, { ...folder, mode: 0o100_600, size }))
  sftp.on('CLOSE', (id) => sftp.status(id, STATUS_CODE.OK))
}
