import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { masked } from '../lib/mask.ts'
import { Problem } from '../lib/problem.ts'

/** A program with its arguments; `env` is added to ours. */
export type Command = { program: string; args: string[]; cwd: string; env?: Record<string, string> }

/** How it ended; `ms` from the start until its own process had gone. */
export type Ended = { code: number; ms: number; out: string }

/** Nothing here takes longer, at 100 ms round-trip time on a slow machine either. */
const limitMs = 300_000

/**
 * Runs a program to its end. What it says on standard error goes to the file `log`, and its standard output too unless
 * `keep` asks for it.
 */
export function run(command: Command, log: string, keep = false): Promise<Ended> {
  const file = openSync(log, 'a')
  const began = performance.now()
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', keep ? 'pipe' : file, file],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  const out: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  return new Promise((resolve, reject) => {
    let ms = 0
    child.once('error', reject)
    // Not 'close': a ssh that stays for the next session may hold our standard error.
    child.once('exit', (code, signal) => {
      ms = performance.now() - began
      closeSync(file)
      const end = (): void =>
        resolve({ code: code ?? (signal === null ? 1 : 128), ms, out: Buffer.concat(out).toString('utf8') })
      if (child.stdout === null || child.stdout.readableEnded) end()
      else child.stdout.once('end', end)
    })
  })
}

/** The same, for what must end with one of these exit codes. @throws Problem when it does not, with what it said last */
export async function runWell(
  command: Command,
  log: string,
  codes: number[] = [0],
  keep = false,
): Promise<Ended> {
  const ended = await run(command, log, keep)
  if (codes.includes(ended.code)) return ended
  const why = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-4).join('\n')
  throw new Problem({
    what: `a command of the bench ended with ${ended.code}: ${basename(command.program)} ${command.args.join(' ')}`,
    why: masked(why),
    next: 'npm run bench',
    left: `nothing was written; all that was said is in ${log}`,
  })
}

/** As a person would type it. */
export const commandLine = ({ program, args }: Command): string =>
  [program, ...args].map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word}'`)).join(' ')
