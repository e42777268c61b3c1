import type { Stats } from 'ssh2'
import type { Connection } from './sftp-connection.ts'
import { Late, within } from './upload-limit.ts'

/** one request, or one file, of a few kilobytes */
const operationMs = 20_000

/** Statuses of SFTP version 3 (draft-ietf-secsh-filexfer-02, 7). */
export const status = { noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const

/** The status with which a server answered a request that failed; null when no server answered. */
export function statusOf(error: unknown): number | null {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'number' && code > 0 && code <= status.unsupported ? code : null
}

/** What counts of statvfs@openssh.com: free blocks, files and free files, flags (PROTOCOL of OpenSSH, 4.4). */
type Disk = { f_bfree: number; f_files: number; f_ffree: number; f_flag: number }
const readOnly = 1

type Done<T> = (error?: Error | null, value?: T) => void

/** The requests of one session, each bounded in time. Each rejects with ssh2's error; statusOf() reads it. */
export type Requests = ReturnType<typeof requestsOf>

export function requestsOf(connection: Connection) {
  const { sftp } = connection
  /** A host that does not answer is given up: what it would say later is of no use. */
  const ask = async <T = unknown>(act: (done: Done<T>) => void): Promise<T> => {
    const lost = connection.lost()
    // ssh2 calls nobody back for what is asked of a connection that has ended
    if (lost !== null) throw new Error(lost)
    const asked = new Promise<T>((done, fail) =>
      act((error, value) => (error ? fail(error) : done(value as T))),
    )
    const says = `no answer within ${operationMs / 1000} s`
    return within(operationMs, says, asked).catch((error: unknown) => {
      if (error instanceof Late) connection.giveUp(says)
      throw error
    })
  }
  return {
    /** what lies there, not what a link there leads to; null for nothing */
    look: (path: string): Promise<Stats | null> =>
      ask<Stats>((done) => sftp.lstat(path, done)).catch((error: unknown) => {
        if (statusOf(error) === status.noSuchFile) return null
        throw error
      }),
    remove: (path: string) => ask((done) => sftp.unlink(path, done)),
    /** A new file that only its owner can read; never one that is there already. @returns its handle */
    create: (path: string) => ask<Buffer>((done) => sftp.open(path, 'wx', { mode: 0o600 }, done)),
    /**
     * Writes a file, through to the disk where the host knows how, and closes it. Not by the library's `put`: that takes a
     * write which the host refused for done, and waits for ever where the session ends (12.1.1 with ssh2 1.17).
     * @returns what the host then says of the file
     */
    fill: async (handle: Buffer, content: Buffer): Promise<Stats> => {
      await ask((done) => sftp.write(handle, content, 0, content.length, 0, done))
      if (hasExtension(sftp, 'fsync@openssh.com')) await ask((done) => sftp.ext_openssh_fsync(handle, done))
      const stats = await ask<Stats>((done) => sftp.fstat(handle, done))
      await ask((done) => sftp.close(handle, done))
      return stats
    },
    /** what is wrong with the disk below a folder, in one clause; null where nothing is, or the host cannot tell */
    diskFault: async (folder: string): Promise<string | null> => {
      if (!hasExtension(sftp, 'statvfs@openssh.com')) return null
      const disk = await ask<Disk>((done) => sftp.ext_openssh_statvfs(folder, done))
      if ((disk.f_flag & readOnly) !== 0) return 'the disk is read-only'
      return disk.f_bfree === 0 || (disk.f_files > 0 && disk.f_ffree === 0) ? 'the disk is full' : null
    },
  }
}

/** ssh2 keeps to itself what a server announced, and throws where an extension is asked for that it did not. */
const hasExtension = (sftp: object, name: string): boolean =>
  (sftp as { _extensions?: Record<string, string> })._extensions?.[name] !== undefined
