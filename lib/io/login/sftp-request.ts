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

type Done<T> = (error?: Error | null, value?: T) => void

/** The requests of one session, each bounded in time. Each rejects with ssh2's error; statusOf() reads it. */
export type Requests = ReturnType<typeof requestsOf>

export function requestsOf(connection: Connection) {
  const { client, sftp } = connection
  /** A host that does not answer is given up: what it would say later is of no use. */
  const bounded = async <T>(act: () => Promise<T>): Promise<T> => {
    const lost = connection.lost()
    // ssh2 calls nobody back for what is asked of a connection that has ended
    if (lost !== null) throw new Error(lost)
    return within(operationMs, `no answer within ${operationMs / 1000} s`, act()).catch((error: unknown) => {
      if (error instanceof Late) connection.giveUp(error.message)
      throw error
    })
  }
  const ask = <T = unknown>(act: (done: Done<T>) => void): Promise<T> =>
    bounded(
      () => new Promise((done, fail) => act((error, value) => (error ? fail(error) : done(value as T)))),
    )
  return {
    /** what lies there, not what a link there leads to; null for nothing */
    look: (path: string): Promise<Stats | null> =>
      ask<Stats>((done) => sftp.lstat(path, done)).catch((error: unknown) => {
        if (statusOf(error) === status.noSuchFile) return null
        throw error
      }),
    remove: (path: string) => ask((done) => sftp.unlink(path, done)),
    /** a new file that only its owner can read; never one that is there already */
    put: (path: string, content: Buffer) =>
      bounded(() => client.put(content, path, { writeStreamOptions: { flags: 'wx', mode: 0o600 } })),
    /** has the file written through to the disk, where the host knows how, and tells what it is */
    settle: async (path: string): Promise<Stats> => {
      const handle = await ask<Buffer>((done) => sftp.open(path, 'r', done))
      if (hasExtension(sftp, 'fsync@openssh.com')) await ask((done) => sftp.ext_openssh_fsync(handle, done))
      const stats = await ask<Stats>((done) => sftp.fstat(handle, done))
      await ask((done) => sftp.close(handle, done))
      return stats
    },
    /** has the disk below a folder nothing left? false where the host cannot tell */
    isFull: async (folder: string): Promise<boolean> => {
      if (!hasExtension(sftp, 'statvfs@openssh.com')) return false
      const room = await ask<{ f_bfree: number; f_files: number; f_ffree: number }>((done) =>
        sftp.ext_openssh_statvfs(folder, done),
      )
      return room.f_bfree === 0 || (room.f_files > 0 && room.f_ffree === 0)
    },
  }
}

/** ssh2 keeps to itself what a server announced, and throws where an extension is asked for that it did not. */
const hasExtension = (sftp: object, name: string): boolean =>
  (sftp as { _extensions?: Record<string, string> })._extensions?.[name] !== undefined
