import { spawn } from 'node:child_process'
import { exitCode } from '../lib/exit-code.ts'
import { type Ended, runQuietly } from './child.ts'
import type { Engine } from './engine.ts'

/** An engine, and the folder of the project that it works on. */
export type Workplace = { engine: Engine; dir: string }

// npm passes on a Ctrl-C that the terminal has already sent to us: both are the same one.
const sameCtrlCMs = 1000

/** The environment of every pulumi that we start: the state is in the project, its passphrase is empty. */
export function pulumiEnv(engine: Engine, base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const {
    PULUMI_BACKEND_URL: _backend,
    PULUMI_CONFIG_PASSPHRASE_FILE: _file,
    PULUMI_STACK: _stack,
    ...rest
  } = base
  return {
    ...rest,
    ...engine.env,
    PULUMI_CONFIG_PASSPHRASE: '',
    PULUMI_DIY_BACKEND_GZIP: '1',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: '1',
    PULUMI_SKIP_UPDATE_CHECK: '1',
  }
}

/** Runs pulumi for our own purposes: no terminal, no questions, output kept. */
export const askPulumi = ({ engine, dir }: Workplace, args: string[]): Promise<Ended> =>
  runQuietly(engine.pulumi, [...args, '--non-interactive', '--color', 'never'], {
    cwd: dir,
    env: pulumiEnv(engine),
  })

/**
 * Runs pulumi for a person, on their terminal. It has a session of its own, so that Ctrl-C reaches it through us and
 * just once: a second one would make it leave its lock behind. Another one later is passed on.
 * A terminal that is closed and a TERM end it in the same orderly way.
 */
export function runPulumi(
  { engine, dir }: Workplace,
  args: string[],
): Promise<{ code: number; interrupted: boolean }> {
  return new Promise((resolve, reject) => {
    const env = pulumiEnv(engine)
    const child = spawn(engine.pulumi, args, { cwd: dir, env, stdio: 'inherit', detached: true })
    let last: number | undefined
    const interrupt = (): void => {
      const now = performance.now()
      if (last !== undefined && now - last < sameCtrlCMs) return
      last = now
      child.kill('SIGINT')
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, interrupt)
    const settle = (): void => {
      for (const signal of signals) process.off(signal, interrupt)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('close', (code) => {
      settle()
      resolve({ code: code ?? exitCode.failed, interrupted: last !== undefined })
    })
  })
}
