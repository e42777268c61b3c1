import {
  chmod,
  lstat,
  mkdir,
  readlink,
  rename,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
} from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Attributes, SFTPWrapper } from 'ssh2'
import { recordOwner } from './owner.ts'
import type { Place } from './place.ts'
import { type Answers, attributesOf, raise } from './sftp-attribute.ts'
import type { Reach } from './sftp-path.ts'

/** The requests of SFTP that name a path. */
export function serveTree(
  place: Place,
  sftp: SFTPWrapper,
  { answer, reply }: Answers,
  { inside, followed }: Reach,
): void {
  sftp.on('STAT', (id, path) =>
    reply(id, async () => sftp.attrs(id, attributesOf(await stat(await followed(path))))),
  )
  sftp.on('LSTAT', (id, path) =>
    reply(id, async () => sftp.attrs(id, attributesOf(await lstat(await inside(path))))),
  )
  sftp.on('SETSTAT', (id, path, attributes) =>
    answer(id, async () => {
      const real = await followed(path)
      if (attributes.uid !== undefined) recordOwner(place, await stat(real), attributes.uid, attributes.gid)
      if (attributes.mode !== undefined) await chmod(real, attributes.mode & 0o7777)
      if (attributes.size !== undefined) await truncate(real, attributes.size)
      if (attributes.mtime !== undefined) await utimes(real, attributes.atime, attributes.mtime)
    }),
  )
  sftp.on('REALPATH', (id, path) =>
    reply(id, async () => {
      const filename = resolve(place.checkout, path)
      sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }])
    }),
  )
  sftp.on('READLINK', (id, path) =>
    reply(id, async () => {
      const filename = await readlink(await inside(path))
      sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }])
    }),
  )
  // OpenSSH has the two arguments the wrong way round, and so does every client
  sftp.on('SYMLINK', (id, target, link) => answer(id, async () => symlink(target, await inside(link))))
  sftp.on('REMOVE', (id, path) => answer(id, async () => unlink(await inside(path))))
  sftp.on('RMDIR', (id, path) => answer(id, async () => rmdir(await inside(path))))
  sftp.on('MKDIR', (id, path, { mode }) =>
    answer(id, async () => mkdir(await inside(path), (mode ?? 0o777) & 0o7777)),
  )
  // version 3: a rename never replaces
  sftp.on('RENAME', (id, from, to) =>
    answer(id, async () => {
      const target = await inside(to)
      const isThere = await lstat(target).then(
        () => true,
        () => false,
      )
      if (isThere) raise('EEXIST')
      await rename(await inside(from), target)
    }),
  )
}
