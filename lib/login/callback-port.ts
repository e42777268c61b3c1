import { exitCode } from '../exit-code.ts'
import { withoutControls } from '../mask.ts'
import { Problem } from '../problem.ts'
import type { CallbackAddress } from './callback-address.ts'
import { flagsFor } from './callback-address-problem.ts'

/** Who listens on a port, as far as this user may know it. */
export type PortOwner = {
  pid: number
  /** the program's name, safe to show */
  name: string
  /** a login of ours that is under way */
  isOurs: boolean
}

/** The command lines of a login: `node scripts/reauth.ts monzo`, from whatever folder. */
export const isReauth = (commandLine: string): boolean =>
  /(^|[\s\0/])scripts\/reauth\.ts([\s\0]|$)/.test(commandLine)

/** A program's name for a message: without its folder and control characters. */
export const programName = (text: string): string =>
  withoutControls(text.replace(/^.*\//s, '').replace(/ \(deleted\)$/, ''))
    .replaceAll('\n', '')
    .slice(0, 40) || 'a program without a name'

/**
 * The inodes of the sockets that listen on a port, from /proc/net/tcp or tcp6 (proc_net_tcp in the kernel's documentation):
 * columns sl, local address:port in hex, remote, state (0A: LISTEN), …, inode as the tenth.
 */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    return local.endsWith(`:${wanted}`) && state === '0A' && inode !== undefined ? [inode] : []
  })
}

/** The first process in the output of `lsof -F pc`: one field a line, its first letter says which. */
export function firstOfLsof(fields: string): { pid: number; name: string } | null {
  const [, pid, name] = fields.match(/^p(\d+)\n(?:[^pc].*\n)*c(.*)$/m) ?? []
  return pid === undefined || name === undefined ? null : { pid: Number(pid), name }
}

/**
 * The port is taken. Nobody needs another port because of a login that is under way: two at once would only be confused.
 * @param command what was typed, without `--port` and `--redirect-uri`
 * @param free a port that nobody has, null when none near was found
 */
export function portTaken(
  { port, redirectUri }: Pick<CallbackAddress, 'port' | 'redirectUri'>,
  owner: PortOwner | null,
  free: number | null,
  command: string,
): Problem {
  const what = `port ${port} is in use`
  const left = 'nothing was changed, and no browser was opened'
  if (owner?.isOurs)
    return new Problem({
      what,
      why: `another npm run reauth holds it, pid ${owner.pid}: a login is under way there`,
      next: 'finish that login, or press Ctrl-C in its terminal',
      left,
    })
  const why = owner
    ? `${owner.name}, pid ${owner.pid}, listens on it`
    : 'a program listens on it that this user may not look at'
  const elsewhere =
    free === null
      ? 'end that program, then the same command again'
      : `${command} ${flagsFor(free, redirectUri)}\nif the bank knows that address; else end that program`
  return new Problem({ what, why, next: elsewhere, left })
}

/** The port may not be opened by this user, as those below 1024. */
export const portForbidden = (port: number, code: string, redirectUri: string, command: string): Problem =>
  new Problem(
    {
      what: `port ${port} cannot be opened`,
      why: `the system answers ${code}`,
      next: `${command} ${flagsFor(8766, redirectUri)}\nif the bank knows that address`,
      left: 'nothing was changed, and no browser was opened',
    },
    exitCode.usage,
  )
