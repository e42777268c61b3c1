import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { recordOwner } from './owner.ts'
import type { Place } from './place.ts'
import { answersOf, attributesOf, openFlags, raise } from './sftp-attribute.ts'
import { endWithClient } from './sftp-end.ts'
import { announceExtensions, pair } from './sftp-extension.ts'
import { reachOf } from './sftp-path.ts'
import { serveTree } from './sftp-tree.ts'

const status = ssh2.utils.sftp.STATUS_CODE
type Handle = { file?: FileHandle; names?: string[]; folder?: string }

/** SFTP version 3 below the lab's folder, like OpenSSH's sftp-server run as root: relative paths count from the checkout. */
export function serveFiles(place: Place, sftp: SFTPWrapper, log: (line: string) => void): void {
  announceExtensions(sftp)
  const reach = reachOf(place)
  const { inside, followed, openable } = reach
  const answers = answersOf(sftp, log)
  const { answer, reply } = answers
  serveTree(place, sftp, answers, reach)

  const handles = new Map<number, Handle>()
  endWithClient(sftp, answers.settled, () => {
    for (const { file } of handles.values()) void file?.close()
  })
  let next = 0
  const keep = (handle: Handle): Buffer => {
    const key = next++
    handles.set(key, handle)
    const name = Buffer.alloc(4)
    name.writeUInt32BE(key)
    return name
  }
  const held = (name: Buffer): Handle => handles.get(name.readUInt32BE()) ?? {}
  const file = (name: Buffer): FileHandle => held(name).file ?? raise('EBADF')

  sftp.on('OPEN', (id, path, flags, attributes) =>
    reply(id, async () => {
      const real = await openable(path)
      const isThere = await lstat(real).then(
        () => true,
        () => false,
      )
      const file = await open(
        real,
        openFlags(flags) | constants.O_NOFOLLOW,
        (attributes.mode ?? 0o666) & 0o7777,
      )
      // a new file may have the inode of one that somebody else owned
      if (!isThere) recordOwner(place, await file.stat(), 0)
      sftp.handle(id, keep({ file }))
    }),
  )
  sftp.on('READ', (id, handle, offset, length) =>
    reply(id, async () => {
      const { bytesRead, buffer } = await file(handle).read(Buffer.alloc(length), 0, length, offset)
      if (bytesRead === 0) raise('EOF')
      sftp.data(id, buffer.subarray(0, bytesRead))
    }),
  )
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer(id, () => file(handle).write(data, 0, data.length, offset)),
  )
  sftp.on('CLOSE', (id, handle) =>
    answer(id, async () => {
      await held(handle).file?.close()
      handles.delete(handle.readUInt32BE())
    }),
  )
  sftp.on('FSTAT', (id, handle) =>
    reply(id, async () => sftp.attrs(id, attributesOf(await file(handle).stat()))),
  )
  sftp.on('FSETSTAT', (id, handle, attributes) =>
    answer(id, async () => {
      if (attributes.uid !== undefined) {
        recordOwner(place, await file(handle).stat(), attributes.uid, attributes.gid)
      }
      if (attributes.mode !== undefined) await file(handle).chmod(attributes.mode & 0o7777)
      if (attributes.size !== undefined) await file(handle).truncate(attributes.size)
      if (attributes.mtime !== undefined) await file(handle).utimes(attributes.atime, attributes.mtime)
    }),
  )
  sftp.on('OPENDIR', (id, path) =>
    reply(id, async () => {
      const folder = await followed(path)
      sftp.handle(id, keep({ folder, names: ['.', '..', ...(await readdir(folder))] }))
    }),
  )
  sftp.on('READDIR', (id, handle) =>
    reply(id, async () => {
      const { folder, names = [] } = held(handle)
      const some = names.splice(0, 100)
      if (folder === undefined || some.length === 0) return raise('EOF')
      sftp.name(
        id,
        await Promise.all(
          some.map(async (filename) => {
            const found = await lstat(join(folder, filename))
            const longname = `${found.isDirectory() ? 'd' : '-'}${(found.mode & 0o777).toString(8)} ${found.size} ${filename}`
            return { filename, longname, attrs: attributesOf(found) }
          }),
        ),
      )
    }),
  )
  sftp.on('EXTENDED', (id, name, data) => {
    if (name === 'fsync@openssh.com') return answer(id, () => file(data.subarray(4)).sync())
    if (name !== 'posix-rename@openssh.com') return sftp.status(id, status.OP_UNSUPPORTED)
    const [from, to] = pair(data)
    answer(id, async () => rename(await inside(from), await inside(to)))
  })
}
