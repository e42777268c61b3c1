import { spawn } from 'node:child_process'
import { lastLine } from '../../mask.ts'

/** What is said of a program that is not there. */
export const notThere = 'there is no such program'

const mostBytes = 8192

/**
 * Runs a program to its end, without a shell and without input.
 * @param mostMs after which it is killed, with what it has started
 * @returns null when it ended well, otherwise why not; what it said itself is masked
 */
export function runProgram(
  program: string,
  args: string[],
  mostMs: number,
  env: Record<string, string> = {},
): Promise<string | null> {
  return new Promise((resolve) => {
    // A group of its own, so that what it starts ends with it.
    const child = spawn(program, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      kill(child.pid)
    }, mostMs)
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < mostBytes) said += chunk.toString('utf8')
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve(error.code === 'ENOENT' ? notThere : `it could not be started (${error.code ?? error.message})`)
    })
    // Not 'close': something that it left behind may hold the pipe for as long as it likes.
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      child.stderr.destroy()
      if (isLate) return resolve(`it did not end within ${mostMs / 1000} s`)
      const last = lastLine(said)
      resolve(code === 0 ? null : `it ended with ${signal ?? code}${last ? `: ${last}` : ''}`)
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
