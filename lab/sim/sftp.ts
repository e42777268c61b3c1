import { Buffer } from 'node:buffer'
import { constants, type Stats } from 'node:fs'
import {
  chmod, type FileHandle, lstat, mkdir, open, readdir, readlink, realpath, rename, rmdir, stat, symlink, truncate, unlink, utimes,
} from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2'
import type { Place } from './place.ts'
import { announceExtensions, pair } from './sftp-extension.ts'

const status = ssh2.utils.sftp.STATUS_CODE
type Handle = { file?: FileHandle; names?: string[]; folder?: string }

/** SFTP version 3 below the lab's folder, like OpenSSH's sftp-server run as root: relative paths count from the checkout. */
export function serveFiles(place: Place, sftp: SFTPWrapper, log: (line: string) => void): void {
  announceExtensions(sftp)
  const handles = new Map<number, Handle>()
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

  /** the path itself, never outside the lab: the folder it lies in is followed, its last part is not */
  const inside = async (path: string): Promise<string> => {
    const wanted = resolve(place.checkout, path)
    const lab = await realpath(place.lab)
    const folder = await realpath(dirname(wanted))
    const real = join(folder, basename(wanted))
    return real === lab || real.startsWith(lab + sep) ? real : raise('EACCES')
  }
  const followed = async (path: string): Promise<string> => inside(await realpath(await inside(path)))

  const answer = (id: number, act: () => Promise<unknown>): void => {
    act().then(
      () => sftp.status(id, status.OK),
      (error: NodeJS.ErrnoException) => {
        log(`sftp: ${error.message}`)
        sftp.status(id, codeOf(error), error.message)
      },
    )
  }
  /** for requests that answer with something else than a status */
  const reply = (id: number, act: () => Promise<void>): void => {
    act().catch((error: NodeJS.ErrnoException) => {
      sftp.status(id, error.code === 'EOF' ? status.EOF : codeOf(error), error.message)
    })
  }

  sftp.on('OPEN', (id, path, flags, attributes) => reply(id, async () => {
    const real = await inside(path)
    const mode = attributes.mode ?? 0o666
    sftp.handle(id, keep({ file: await open(real, openFlags(flags), mode & 0o7777) }))
  }))
  sftp.on('READ', (id, handle, offset, length) => reply(id, async () => {
    const { bytesRead, buffer } = await file(handle).read(Buffer.alloc(length), 0, length, offset)
    if (bytesRead === 0) raise('EOF')
    sftp.data(id, buffer.subarray(0, bytesRead))
  }))
  sftp.on('WRITE', (id, handle, offset, data) => answer(id, () => file(handle).write(data, 0, data.length, offset)))
  sftp.on('CLOSE', (id, handle) => answer(id, async () => {
    await held(handle).file?.close()
    handles.delete(handle.readUInt32BE())
  }))
  sftp.on('FSTAT', (id, handle) => reply(id, async () => sftp.attrs(id, attributesOf(await file(handle).stat()))))
  sftp.on('STAT', (id, path) => reply(id, async () => sftp.attrs(id, attributesOf(await stat(await followed(path))))))
  sftp.on('LSTAT', (id, path) => reply(id, async () => sftp.attrs(id, attributesOf(await lstat(await inside(path))))))
  sftp.on('SETSTAT', (id, path, attributes) => answer(id, async () => {
    const real = await followed(path)
    if (attributes.mode !== undefined) await chmod(real, attributes.mode & 0o7777)
    if (attributes.size !== undefined) await truncate(real, attributes.size)
    if (attributes.mtime !== undefined) await utimes(real, attributes.atime, attributes.mtime)
  }))
  sftp.on('FSETSTAT', (id, handle, attributes) => answer(id, async () => {
    if (attributes.mode !== undefined) await file(handle).chmod(attributes.mode & 0o7777)
    if (attributes.size !== undefined) await file(handle).truncate(attributes.size)
    if (attributes.mtime !== undefined) await file(handle).utimes(attributes.atime, attributes.mtime)
  }))
  sftp.on('OPENDIR', (id, path) => reply(id, async () => {
    const folder = await followed(path)
    sftp.handle(id, keep({ folder, names: ['.', '..', ...(await readdir(folder))] }))
  }))
  sftp.on('READDIR', (id, handle) => reply(id, async () => {
    const { folder, names = [] } = held(handle)
    const some = names.splice(0, 100)
    if (folder === undefined || some.length === 0) return raise('EOF')
    sftp.name(id, await Promise.all(some.map(async (filename) => {
      const found = await lstat(join(folder, filename))
      const longname = `${found.isDirectory() ? 'd' : '-'}${(found.mode & 0o777).toString(8)} ${found.size} ${filename}`
      return { filename, longname, attrs: attributesOf(found) }
    })))
  }))
  sftp.on('REALPATH', (id, path) => reply(id, async () => {
    const filename = resolve(place.checkout, path)
    sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }])
  }))
  sftp.on('READLINK', (id, path) => reply(id, async () => {
    const filename = await readlink(await inside(path))
    sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }])
  }))
  // OpenSSH has the two arguments the wrong way round, and so does every client
  sftp.on('SYMLINK', (id, target, link) => answer(id, async () => symlink(target, await inside(link))))
  sftp.on('REMOVE', (id, path) => answer(id, async () => unlink(await inside(path))))
  sftp.on('RMDIR', (id, path) => answer(id, async () => rmdir(await inside(path))))
  sftp.on('MKDIR', (id, path, { mode }) => answer(id, async () => mkdir(await inside(path), (mode ?? 0o777) & 0o7777)))
  // version 3: a rename never replaces
  sftp.on('RENAME', (id, from, to) => answer(id, async () => {
    const target = await inside(to)
    const isThere = await lstat(target).then(() => true, () => false)
    if (isThere) raise('EEXIST')
    await rename(await inside(from), target)
  }))
  sftp.on('EXTENDED', (id, name, data) => {
    if (name === 'fsync@openssh.com') return answer(id, () => file(data.subarray(4)).sync())
    if (name !== 'posix-rename@openssh.com') return sftp.status(id, status.OP_UNSUPPORTED)
    const [from, to] = pair(data)
    answer(id, async () => rename(await inside(from), await inside(to)))
  })
}

function raise(code: string): never {
  throw Object.assign(new Error(code), { code })
}

function codeOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ENOENT') return status.NO_SUCH_FILE
  return code === 'EACCES' || code === 'EPERM' ? status.PERMISSION_DENIED : status.FAILURE
}

/** The server runs as whoever started the lab; on Z2 it is root. */
function attributesOf({ mode, size, atime, mtime }: Stats): Attributes {
  const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
  return { mode, uid: 0, gid: 0, size, atime: seconds(atime), mtime: seconds(mtime) }
}

function openFlags(flags: number): number {
  const mode = ssh2.utils.sftp.OPEN_MODE
  const has = (flag: number): boolean => (flags & flag) !== 0
  const access = has(mode.READ) && has(mode.WRITE) ? constants.O_RDWR : has(mode.WRITE) ? constants.O_WRONLY : constants.O_RDONLY
  const extra: [number, number][] = [
    [mode.APPEND, constants.O_APPEND],
    [mode.CREAT, constants.O_CREAT],
    [mode.TRUNC, constants.O_TRUNC],
    [mode.EXCL, constants.O_EXCL],
  ]
  return extra.reduce((all, [flag, bit]) => (has(flag) ? all | bit : all), access)
}
