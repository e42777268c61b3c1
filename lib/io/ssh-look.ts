import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Config } from '../config.ts'
import type { LookEnd } from '../look-problem.ts'
import { sshArguments } from '../ssh-options.ts'

/** A whole look takes well under a second; pct may hang for 12 s and is then reported as such by the look itself. */
const wallClockMs = 25_000

/** More than any look prints; a host that floods us is cut short. */
const mostBytes = 4 * 1024 * 1024

/** How the ssh of a look ended, and what it printed. */
export type Answer = { end: LookEnd; out: string }

/**
 * One connection, one session: starts the look on Z2 and resolves when it has ended, however it ended.
 * @param cwd the project folder, since `sshConfig` may be relative to it
 * @param isApart in a process group of its own, which a Ctrl-C at the terminal does not reach
 */
export function askOverSsh(config: Config, command: string, cwd: string, isApart = false): Promise<Answer> {
  // ssh expands ~ by the password database, not by $HOME, and fails when the folder of its socket is missing.
  mkdirSync(`${userInfo().homedir}/.ssh`, { recursive: true, mode: 0o700 })
  return run([...sshArguments(config), command], cwd, isApart)
}

function run(args: string[], cwd: string, isApart: boolean): Promise<Answer> {
  const child = spawn('ssh', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: isApart })
  const out: Buffer[] = []
  let stderr = ''
  let bytes = 0
  return new Promise((resolve) => {
    const finish = (end: Omit<LookEnd, 'stderr'>): void => {
      clearTimeout(timer)
      // A frozen master would hold these pipes open after ssh itself has gone.
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ end: { ...end, stderr }, out: Buffer.concat(out).toString('utf8') })
    }
    const giveUp = (): void => {
      child.kill('SIGKILL')
      finish({ status: null, timedOut: true })
    }
    const timer = setTimeout(giveUp, wallClockMs)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= mostBytes) out.push(chunk)
      else child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 65_536) stderr += chunk.toString('utf8')
    })
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish({ status: null, timedOut: false, startError: error.code ?? error.message }),
    )
    // Not 'close': a ControlPersist master of an older OpenSSH keeps our standard error open for a minute.
    child.stdout.on(
      'end',
      () => child.exitCode !== null && finish({ status: child.exitCode, timedOut: false }),
    )
    child.on('exit', (status) => {
      if (child.stdout.readableEnded) finish({ status, timedOut: false })
      else child.stdout.once('end', () => finish({ status, timedOut: false }))
    })
  })
}
