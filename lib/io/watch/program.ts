import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { lastLine } from '../../mask.ts'

/** What is said of a program that is not there. */
export const notThere = 'there is no such program'

const mostBytes = 8192
const lastWordsMs = 500

type Child = ChildProcessByStdio<null, null, Readable>

/**
 * Runs a program to its end, without a shell and without input.
 * @param mostMs after which it is killed, with what it has started
 * @returns null when it ended well, otherwise why not; what it said itself is masked
 */
export async function runProgram(
  program: string,
  args: string[],
  mostMs: number,
  env: Record<string, string> = {},
): Promise<string | null> {
  // A group of its own, so that what it starts ends with it.
  const child = spawn(program, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    kill(child.pid)
  }, mostMs)
  const { startError, status, said } = await endOf(child)
  clearTimeout(timer)
  if (startError === 'ENOENT') return notThere
  if (startError !== null) return `it could not be started (${startError})`
  if (isLate) return `it did not end within ${mostMs / 1000} s`
  const last = lastLine(said)
  return status === 0 ? null : `it ended with ${status}${last ? `: ${last}` : ''}`
}

type End = { startError: string | null; status: number | string | null; said: string }

function endOf(child: Child): Promise<End> {
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < mostBytes) said += chunk.toString('utf8')
  })
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ startError: error.code ?? error.message, status: null, said }),
    )
    child.once('exit', (code, signal) => {
      const finish = (): void => {
        clearTimeout(patience)
        child.stderr.destroy()
        resolve({ startError: null, status: signal ?? code, said })
      }
      // What it left behind may hold the pipe open for as long as it likes; its last words are in it by now.
      const patience = setTimeout(finish, lastWordsMs)
      if (child.stderr.readableEnded) finish()
      else child.stderr.once('end', finish)
    })
  })
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It has ended by itself this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
