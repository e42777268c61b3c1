import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import type { CallbackAddress } from '../../login/callback-address.ts'
import {
  firstOfLsof,
  isReauth,
  listeningInodes,
  type PortOwner,
  portForbidden,
  portTaken,
  programName,
} from '../../login/callback-port.ts'
import { listen } from './callback-listener.ts'

const run = promisify(execFile)
const lookMs = 5_000

/** The runbook's other port comes first: it is the one that is most likely registered at the bank. */
const otherPorts = [8766, 8767, 8768, 8769, 8770, 8771, 8772, 8773, 8774, 8775]

/**
 * What a person is told when the port of a login cannot be had; any other error comes back as it is.
 * @param command what was typed, without `--port` and `--redirect-uri`
 */
export async function portProblem(
  error: NodeJS.ErrnoException,
  address: CallbackAddress,
  command: string,
): Promise<Error> {
  const { port, redirectUri } = address
  if (error.code === 'EACCES') return portForbidden(port, error.code, redirectUri, command)
  if (error.code !== 'EADDRINUSE') return error
  return portTaken(address, await portOwner(port), await freePort(), command)
}

/** Who listens on a port; null when this user may not know. */
export const portOwner = (port: number): Promise<PortOwner | null> =>
  existsSync('/proc/net/tcp') ? Promise.resolve(ownerByProc(port)) : ownerByLsof(port)

/** Linux: the socket's inode in /proc/net, then the process that has it open. */
export function ownerByProc(port: number): PortOwner | null {
  const inodes = ['tcp', 'tcp6'].flatMap((table) => listeningInodes(read(`/proc/net/${table}`), port))
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`))
  const pid = readdirSync('/proc').find(
    (name) => /^\d+$/.test(name) && entries(`/proc/${name}/fd`).some((fd) => sockets.has(link(fd))),
  )
  if (pid === undefined) return null
  // comm is a thread's name, and node renames its threads: the program's file says more.
  const name = link(`/proc/${pid}/exe`) || read(`/proc/${pid}/comm`)
  return { pid: Number(pid), name: programName(name), isOurs: isReauth(read(`/proc/${pid}/cmdline`)) }
}

/** macOS, where there is no /proc. */
export async function ownerByLsof(port: number): Promise<PortOwner | null> {
  const lsof = await output('lsof', ['-nP', '+c', '0', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])
  const found = firstOfLsof(lsof)
  if (!found) return null
  const commandLine = await output('ps', ['-ww', '-o', 'args=', '-p', String(found.pid)])
  return { pid: found.pid, name: programName(found.name), isOurs: isReauth(commandLine) }
}

/** A port that is free on both loopback addresses; null when none of those near is. */
export async function freePort(ports: number[] = otherPorts): Promise<number | null> {
  for (const port of ports) {
    const isFree = await listen(
      port,
      () => undefined,
      () => false,
    ).then(
      (listener) => listener.close().then(() => true),
      () => false, // taken, or not for us: either way not this one
    )
    if (isFree) return port
  }
  return null
}

/** Empty when the process is gone or is another user's: then it is not the one that can be named. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // as above
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => `${folder}/${name}`)
  } catch {
    return [] // as above
  }
}

/** Empty when the tool is not there, takes too long or finds nothing (lsof then ends with 1). */
const output = (file: string, args: string[]): Promise<string> =>
  run(file, args, { timeout: lookMs }).then(
    ({ stdout }) => stdout,
    () => '',
  )
