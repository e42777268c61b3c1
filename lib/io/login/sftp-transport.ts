import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import type { ProxyProgram } from '../../login/ssh-proxy.ts'
import type { SshSetting } from '../../login/ssh-setting.ts'
import { within } from './upload-limit.ts'

/** What carries the bytes of one SSH connection. */
export type Transport = {
  /** the stream, once it is there; rejects with the system's own error */
  ready: Promise<Duplex>
  /** ends it and whatever was started for it, ready or not; two seconds at most */
  cut(): Promise<void>
}

/** how long a proxy may take to end after each signal */
const patienceMs = 1000

const families: Readonly<Record<string, number>> = { inet: 4, inet6: 6 }

/** A connection straight to the host. */
export function dial({ hostname, port, addressfamily }: SshSetting): Transport {
  const socket = connect({ host: hostname, port, family: families[addressfamily ?? ''] ?? 0, noDelay: true })
  const ready = new Promise<Duplex>((done, fail) => {
    socket.once('connect', () => done(socket))
    // it stays, so that an error which comes later does not end the process: who uses the stream hears of it too
    socket.on('error', fail)
    socket.once('close', () => fail(new Error('the connection was given up')))
  })
  return { ready, cut: async () => void socket.destroy() }
}

/** A connection through a program, in a process group of its own: what it starts in turn ends with it. */
export function startProxy({ program, words }: ProxyProgram, cwd: string): Transport {
  const child = spawn(program, words, { cwd, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  stream.on('error', () => stream.destroy())
  const gone = new Promise<boolean>((done) => {
    child.once('exit', () => done(true))
    child.once('error', () => done(true))
  })
  child.once('error', () => stream.destroy())
  const cut = async (): Promise<void> => {
    stream.destroy()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      end(child, signal)
      // not in time: the next signal
      if (await within(patienceMs, 'it still runs', gone).catch(() => false)) return
    }
  }
  return { ready: Promise.resolve(stream), cut }
}

function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // it has ended already, and so has all that it started
  }
}
