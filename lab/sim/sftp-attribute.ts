import { constants, type Stats } from 'node:fs'
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2'

const status = ssh2.utils.sftp.STATUS_CODE

/** Ends a request with an error code of the system, or `EOF`. */
export function raise(code: string): never {
  throw Object.assign(new Error(code), { code })
}

/** The status of SFTP version 3 for an error. */
export function codeOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ENOENT') return status.NO_SUCH_FILE
  return code === 'EACCES' || code === 'EPERM' ? status.PERMISSION_DENIED : status.FAILURE
}

/** The server runs as whoever started the lab; on Z2 it is root. */
export function attributesOf({ mode, size, atime, mtime }: Stats): Attributes {
  const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
  return { mode, uid: 0, gid: 0, size, atime: seconds(atime), mtime: seconds(mtime) }
}

/** The flags of SSH_FXP_OPEN as those of open(2). */
export function openFlags(flags: number): number {
  const mode = ssh2.utils.sftp.OPEN_MODE
  const has = (flag: number): boolean => (flags & flag) !== 0
  const access =
    has(mode.READ) && has(mode.WRITE)
      ? constants.O_RDWR
      : has(mode.WRITE)
        ? constants.O_WRONLY
        : constants.O_RDONLY
  const extra: [number, number][] = [
    [mode.APPEND, constants.O_APPEND],
    [mode.CREAT, constants.O_CREAT],
    [mode.TRUNC, constants.O_TRUNC],
    [mode.EXCL, constants.O_EXCL],
  ]
  return extra.reduce((all, [flag, bit]) => (has(flag) ? all | bit : all), access)
}

export type Answers = {
  /** for requests that are answered with a status alone */
  answer(id: number, act: () => Promise<unknown>): void
  /** for requests that answer with something else, or with a status when they fail */
  reply(id: number, act: () => Promise<void>): void
  /** every request that has come so far is answered */
  settled(): Promise<unknown>
}

/**
 * One request after the other, as OpenSSH's sftp-server does them. A client may count on it: scp cuts what it has sent off
 * behind the last write that was answered in its turn.
 */
export function answersOf(sftp: SFTPWrapper, log: (line: string) => void): Answers {
  let last: Promise<unknown> = Promise.resolve()
  const answer: Answers['answer'] = (id, act) => {
    last = last.then(act).then(
      () => sftp.status(id, status.OK),
      (error: NodeJS.ErrnoException) => {
        log(`sftp: ${error.message}`)
        sftp.status(id, codeOf(error), error.message)
      },
    )
  }
  const reply: Answers['reply'] = (id, act) => {
    last = last.then(act).catch((error: NodeJS.ErrnoException) => {
      sftp.status(id, error.code === 'EOF' ? status.EOF : codeOf(error), error.message)
    })
  }
  return { answer, reply, settled: () => last }
}
