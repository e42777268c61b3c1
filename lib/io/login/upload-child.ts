import { spawn } from 'node:child_process'

/** How a program ended and what it printed; `out` is cut at 256 KiB, `stderr` at 64 KiB. */
export type ChildEnd = {
  /** exit status, null when a signal or the time limit ended it */
  status: number | null
  out: string
  stderr: string
  timedOut: boolean
  /** the errno of a start that failed, as ENOENT */
  startError?: string
}

const mostOut = 262_144
const mostStderr = 65_536

/**
 * Runs a program to its end, however it ends.
 * @param of input: what its standard input holds; without it there is none
 */
export function runChild(
  program: string,
  words: string[],
  of: { cwd: string; limitMs: number; input?: Buffer },
): Promise<ChildEnd> {
  const child = spawn(program, words, {
    cwd: of.cwd,
    stdio: [of.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const { stdin, stdout, stderr } = child
  let [out, err] = ['', '']
  return new Promise((resolve) => {
    const finish = (end: Omit<ChildEnd, 'out' | 'stderr'>): void => {
      clearTimeout(timer)
      // a master that froze would hold these pipes open after ssh itself has gone
      for (const stream of [stdin, stdout, stderr]) stream?.destroy()
      resolve({ ...end, out, stderr: err })
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      finish({ status: null, timedOut: true })
    }, of.limitMs)
    stdout?.on('data', (chunk: Buffer) => {
      if (out.length < mostOut) out += chunk.toString('utf8')
    })
    stderr?.on('data', (chunk: Buffer) => {
      if (err.length < mostStderr) err += chunk.toString('utf8')
    })
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish({ status: null, timedOut: false, startError: error.code ?? error.message }),
    )
    // Not 'close': a ControlPersist master of an older OpenSSH keeps our standard error open for a minute.
    child.on('exit', (status) => {
      if (stdout === null || stdout.readableEnded) finish({ status, timedOut: false })
      else stdout.once('end', () => finish({ status, timedOut: false }))
    })
    // a program that ends without having read its input says by its status what that means
    stdin?.on('error', () => stdin.destroy())
    stdin?.end(of.input)
  })
}
