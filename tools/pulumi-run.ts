import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { exitCode } from '../lib/exit-code.ts'
import { backendEnv, backendVariable } from './backend.ts'
import { type Ended, runQuietly } from './child.ts'
import type { Engine } from './engine.ts'
import { readIfThere } from './executable.ts'

/** How a run on a person's terminal ended: pulumi's exit code, and whether it was told to stop. */
export type Run = { code: number; interrupted: boolean }
/** An engine, and the folder of the project that it works on. */
export type Workplace = { engine: Engine; dir: string }

// npm passes on a Ctrl-C that the terminal has already sent to us: both are the same one.
const sameCtrlCMs = 1000

/** The environment of every pulumi that we start: the state is where the project says, its passphrase is empty. */
export function pulumiEnv(engine: Engine, base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const {
    PULUMI_BACKEND_URL: _backend,
    PULUMI_CONFIG_PASSPHRASE_FILE: _file,
    PULUMI_STACK: _stack,
    [backendVariable]: _named,
    ...rest
  } = base
  return {
    ...rest,
    ...backendEnv(base),
    ...engine.env,
    PULUMI_CONFIG_PASSPHRASE: '',
    PULUMI_DIY_BACKEND_GZIP: '1',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: '1',
    PULUMI_SKIP_UPDATE_CHECK: '1',
    // A repair that fails must not keep the later links of other chains from running.
    PULUMI_CONTINUE_ON_ERROR: 'true',
    // It runs for a second: what Go's collector would free of its memory in that time costs more than it is worth.
    GOGC: base.GOGC ?? '400',
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
 * @param more variables for the program that it runs
 */
export async function runPulumi(
  { engine, dir }: Workplace,
  args: string[],
  more: Record<string, string> = {},
): Promise<Run> {
  const watch = process.stdin.isTTY ? watchKeys() : undefined
  const env = { ...pulumiEnv(engine), ...watch?.env, ...more }
  const child = spawn(engine.pulumi, [...args, ...(watch?.args ?? [])], {
    cwd: dir,
    env,
    stdio: 'inherit',
    detached: true,
  })
  let last: number | undefined
  const interrupt = (): void => {
    const now = performance.now()
    if (last !== undefined && now - last < sameCtrlCMs) return
    last = now
    child.kill('SIGINT')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    const interrupted = last !== undefined || watch?.interrupted() === true
    return { code: code ?? exitCode.failed, interrupted }
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
    watch?.end()
  }
}

type Watch = { args: string[]; env: Record<string, string>; interrupted: () => boolean; end: () => void }

// On a terminal the engine's display reads Ctrl-C as a key and interrupts itself: no signal comes to us, and its exit
// code is 1 as for any failure. Its event log tells: it holds a stdoutEvent only where the engine was interrupted
// (backend/cancellation_scope.go). The flag is there when PULUMI_DEBUG_COMMANDS is set, as the Automation API does.
function watchKeys(): Watch {
  const folder = mkdtempSync(`${tmpdir()}/bulma-events-`)
  const log = `${folder}/log`
  return {
    args: ['--event-log', log],
    env: { PULUMI_DEBUG_COMMANDS: 'true' },
    interrupted: () => (readIfThere(log) ?? '').split('\n').some((line) => line.includes('"stdoutEvent":{')),
    end: () => rmSync(folder, { recursive: true, force: true }),
  }
}
