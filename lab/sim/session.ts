import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
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
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.once('close', (code, signal) => done([code, signal]))
  })
  const gone = new Promise<void>((done) => channel.once('close', done))
  // writing to a command that has gone, or reading from a client that has, is no fault of this lab
  for (const stream of [child.stdin, child.stdout, child.stderr, channel])
    stream.on('error', () => stream.destroy())
  void gone.then(() => {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  })

  if (isOn(place, 'noisy-shell')) {
    channel.write('Linux hinata-z2 6.8.12-1-pve\n=== 3 updates wait for you ===\n')
    channel.stderr.write('stty: standard input: Inappropriate ioctl for device\n')
  }
  channel.pipe(child.stdin)
  const cut = isOn(place, 'cut-output') ? cutAfter(place) : Number.POSITIVE_INFINITY
  const sent = forward(child, channel, gone, cut)
  const [code, signal] = await ended
  running.delete(child)
  await Promise.race([sent, gone])
  if (signal === null) channel.exit(code ?? 255)
  else channel.exit(signal.replace(/^SIG/, ''))
  channel.end()
}

/**
 * Both outputs, one chunk at a time: ssh2 forgets a chunk of one that waits for the client's window while the other waits too.
 * After `cut` bytes of standard output the channel closes without a word, as a lost connection does.
 */
async function forward(
  child: Child,
  channel: ServerChannel,
  gone: Promise<void>,
  cut: number,
): Promise<void> {
  let left = cut
  let last: Promise<void> = Promise.resolve()
  const send = (to: Writable, chunk: Buffer): Promise<void> => {
    const written = last.then(() => new Promise<void>((done) => to.write(chunk, () => done(forget(channel)))))
    last = Promise.race([written, gone])
    return last
  }
  const out = async (): Promise<void> => {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      await send(channel, chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) channel.close()
    }
  }
  const err = async (): Promise<void> => {
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) await send(channel.stderr, chunk)
  }
  // a stream that is destroyed because the client has gone ends its loop with an error that says just that
  await Promise.allSettled([out(), err()])
}

/**
 * ssh2 keeps the chunk that once waited for the client's window, and its callback: the next time that the window grows it
 * would write the one again or call the other twice, and the channel would end in the middle. One chunk is under way at a
 * time, so what is kept after it was written is always stale.
 */
function forget(channel: ServerChannel): void {
  Object.assign(channel, {
    _chunk: undefined,
    _chunkcb: undefined,
    _chunkErr: undefined,
    _chunkcbErr: undefined,
  })
}

const cutAfter = (place: Place): number =>
  Number(readFileSync(join(place.switches, 'cut-output'), 'utf8')) || cutBytes

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
