import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Readable, Transform, type Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { ServerChannel, Session } from 'ssh2'
import type { Place } from './place.ts'
import { serveFiles } from './sftp.ts'
import { isOn } from './switch.ts'

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** how late `slow` lets a command begin: longer than a look may take to be called quick */
const slowMs = 3000
/** where `cut-output` cuts when it was not told: inside what a look prints */
const cutBytes = 900

/** Commands that run now. The process that serves the lab ends them when it ends. */
export const running = new Set<Child>()

/** Serves one session channel: a command, or SFTP. There is no terminal and no interactive shell to be had. */
export function serveSession(place: Place, session: Session, log: (line: string) => void): void {
  session.on('env', (accept) => accept?.())
  session.on('exec', (accept, _reject, { command }) => {
    void execute(place, accept(), command).catch((error: Error) => log(`command: ${error.message}`))
  })
  session.on('sftp', (accept) => serveFiles(place, accept(), log))
}

/** Like sshd without a pty: streams with backpressure, exit status or signal, and a client that goes away only loses its pipes. */
async function execute(place: Place, channel: ServerChannel, command: string): Promise<void> {
  if (isOn(place, 'slow')) await wait(slowMs)
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: place.checkout,
    env: environment(place),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  if (isOn(place, 'noisy-shell')) {
    channel.write('Linux hinata-z2 6.8.12-1-pve\n=== 3 updates wait for you ===\n')
    channel.stderr.write('stty: standard input: Inappropriate ioctl for device\n')
  }
  channel.pipe(child.stdin)
  if (isOn(place, 'cut-output')) child.stdout.pipe(cutter(place, channel), { end: false })
  else child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })

  // writing to a command that has gone, or reading from a client that has, is no fault of this lab
  for (const stream of [child.stdin, child.stdout, child.stderr, channel])
    stream.on('error', () => stream.destroy())
  channel.once('close', () => {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  })
  child.once('error', () => running.delete(child))
  child.once('close', (code, signal) => {
    running.delete(child)
    if (channel.destroyed) return
    if (signal === null) channel.exit(code ?? 255)
    else channel.exit(signal.replace(/^SIG/, ''))
    channel.end()
  })
}

/** What sshd would give root, with the stand-ins and the harmless programs as the only ones on PATH. */
function environment(place: Place): NodeJS.ProcessEnv {
  return {
    PATH: `${join(place.bin, 'z2')}:${join(place.bin, 'system')}`,
    HOME: join(place.roots.z2, 'root'),
    SHELL: '/bin/sh',
    USER: 'root',
    LOGNAME: 'root',
  }
}

/** Lets the first bytes through and then closes the channel without a word, as a lost connection does. */
function cutter(place: Place, channel: ServerChannel): Transform {
  let left = Number(readFileSync(join(place.switches, 'cut-output'), 'utf8')) || cutBytes
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (left > 0) channel.write(chunk.subarray(0, left), () => left <= 0 && channel.close())
      left -= chunk.length
      done()
    },
  })
}
