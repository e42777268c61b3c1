import { spawn } from 'node:child_process'
import type { Place } from '../../lab/sim/place.ts'

export type Result = { code: number | null; out: Buffer; stdout: string; stderr: string }

/** Runs a program to its end. */
export function run(program: string, words: string[], input?: string | Buffer): Promise<Result> {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', fail)
    // a command may end without having read what it was given
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.end(input ?? '')
    child.on('close', (code) => {
      const all = Buffer.concat(out)
      done({ code, out: all, stdout: all.toString(), stderr: Buffer.concat(err).toString() })
    })
  })
}

/** The real ssh against a lab, as a person would call it. */
export const ssh = (
  place: Place,
  command: string,
  input?: string | Buffer,
  ...options: string[]
): Promise<Result> =>
  run('ssh', ['-F', place.sshConfig, '-o', 'BatchMode=yes', ...options, 'hinata-z2', command], input)
