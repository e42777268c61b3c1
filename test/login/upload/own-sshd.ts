import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { anyPort } from '../../any-port.ts'

/** where systems have it; ssh itself never needs it on PATH either */
const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'].find((path) =>
  existsSync(path),
)

/** the SFTP server that is a program of its own */
export const sftpServer = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/lib/ssh/sftp-server',
].find((path) => existsSync(path))

export type HostKeyType = 'ed25519' | 'rsa' | 'ecdsa'

/** A real sshd of a test's own, on a port of loopback, for whoever runs the test. */
export type Sshd = {
  port: number
  /** type and base64 of a host key */
  hostKey(type: HostKeyType): string
  /** what it logged so far */
  log(): string
  /** processes of the sessions that are open */
  sessions(): number[]
  stop(): Promise<void>
}

const size: Readonly<Record<HostKeyType, string[]>> = {
  ed25519: [],
  rsa: ['-b', '2048'],
  ecdsa: ['-b', '256'],
}

export function keygen(file: string, type: HostKeyType, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, ...size[type], '-N', passphrase, '-C', 'test', '-f', file])
}

/**
 * @param folder of its own
 * @param authorized the public keys that are let in
 * @param lines of sshd_config, before the usual ones
 */
export async function startSshd(
  folder: string,
  authorized: string[],
  hostKeys: HostKeyType[] = ['ed25519'],
  lines: string[] = ['Subsystem sftp internal-sftp'],
): Promise<Sshd> {
  if (program === undefined) throw new Error('these tests need an sshd: apt-get install openssh-server')
  mkdirSync(folder, { recursive: true })
  // where sshd insists on it: root's sshd on Debian
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const file = (name: string): string => join(folder, name)
  for (const type of hostKeys) if (!existsSync(file(`host_${type}`))) keygen(file(`host_${type}`), type)
  writeFileSync(file('authorized'), authorized.join(''))
  const port = await anyPort()
  const text = [
    ...lines,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((type) => `HostKey "${file(`host_${type}`)}"`),
    `AuthorizedKeysFile "${file('authorized').replaceAll('%', '%%')}"`,
    `AllowUsers ${userInfo().username}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'LogLevel VERBOSE',
    `PidFile "${file('pid')}"`,
  ]
  writeFileSync(file('sshd_config'), `${text.join('\n')}\n`)
  const log = openSync(file('log'), 'a')
  const child = spawn(program, ['-D', '-e', '-f', file('sshd_config')], { stdio: ['ignore', log, log] })
  closeSync(log)
  // a test that fails before it stops it leaves nothing behind either
  process.once('exit', () => child.kill('SIGKILL'))
  await answering(port, child, file('log'))
  const sessions = (): number[] =>
    execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid = 0, parent]) => (parent === child.pid ? [pid] : []))
  return {
    port,
    hostKey: (type) =>
      readFileSync(file(`host_${type}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    log: () => readFileSync(file('log'), 'utf8'),
    sessions,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const left = sessions()
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await gone
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // its connection had ended, and it with it
        }
      }
    },
  }
}

async function answering(port: number, child: ChildProcess, log: string): Promise<void> {
  for (let left = 100; left > 0 && child.exitCode === null; left--) {
    const isThere = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('data', () => done(true))
      socket.once('error', () => done(false))
      socket.once('close', () => done(false))
      setTimeout(() => socket.destroy(), 1000).unref()
    })
    if (isThere) return
    await wait(50)
  }
  throw new Error(`sshd did not come up: ${readFileSync(log, 'utf8')}`)
}
