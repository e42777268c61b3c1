import { spawn } from 'node:child_process'
import { exitCode } from '../lib/exit-code.ts'

/** How a program ended, what it wrote to standard output, and the last lines of all it wrote. */
export type Ended = { code: number; out: string; tail: string }

const tailLines = 12
// A program that cannot be started ends like one that a shell does not find.
const notFound = 127

/**
 * Runs a program without a terminal and without a shell, and hands out each line that it writes.
 * When we are told to end, it is ended first.
 */
export function runQuietly(
  program: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; onLine?: (line: string) => void } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    let last: string[] = []
    const hear = (chunk: Buffer): void => {
      const lines = chunk
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
      for (const line of lines) options.onLine?.(line)
      last = [...last, ...lines].slice(-tailLines)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk)
      hear(chunk)
    })
    child.stderr.on('data', hear)
    const endBoth = (): void => {
      child.kill('SIGTERM')
      process.exit(exitCode.interrupted)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, endBoth)
    const done = (code: number, tail: string): void => {
      for (const signal of signals) process.off(signal, endBoth)
      resolve({ code, out: Buffer.concat(out).toString('utf8'), tail })
    }
    child.once('error', (error) => done(notFound, error.message))
    child.once('close', (code) => done(code ?? exitCode.failed, last.join('\n')))
  })
}
