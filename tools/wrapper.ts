import { exitCode } from '../lib/exit-code.ts'
import { type Backend, backendOf } from './backend.ts'
import { type Engine, ensureEngine } from './engine.ts'
import type { Look } from './final-look.ts'
import { clearPendingCreates } from './pending-create.ts'
import { runPulumi, type Workplace } from './pulumi-run.ts'
import { ensureStack, requireStack } from './stack.ts'
import { clearStaleLocks, liveLock, readLocks } from './stale-lock.ts'
import { parseArguments, upArguments } from './wrapper-arguments.ts'

const say = (line: string | undefined): void => {
  if (line) process.stderr.write(`${line}\n`)
}

// The program then notes in the history what it found before it repaired anything (lib/io/first-look.ts).
const noteLook = { BULMA_NOTE_LOOK: '1' }

type Opened = { place: Workplace; backend: Backend }

async function openWorkplace(dir: string, stack: string): Promise<Opened> {
  requireStack(dir, stack)
  const backend = backendOf(dir)
  const engine: Engine = await ensureEngine()
  say(engine.says)
  const place = { engine, dir }
  await ensureStack(place, stack, backend)
  return { place, backend }
}

/**
 * `pulumi preview` on the project in `dir`, ready to run.
 * Resolves to the engine's exit code, 130 if interrupted; rejects with a Problem before the engine runs.
 */
export async function preview(argv: string[], dir: string, help: string): Promise<number> {
  const { stack, help: asked, rest } = parseArguments(argv)
  if (asked) return showHelp(help)
  const { place, backend } = await openWorkplace(dir, stack)
  // A preview takes no lock and minds none: another's `up` may go on beside it, and then the state is left alone.
  if (backend.isOurs && !liveLock(readLocks(dir, stack))) await tidy(place, stack, backend)
  const { code, interrupted } = await runPulumi(place, ['preview', '--stack', stack, ...rest])
  return interrupted ? exitCode.interrupted : code
}

/**
 * `pulumi up` on the project in `dir`, ready to run, and one more look at the machines when the engine is done.
 * Resolves to the exit code of that look, 130 if interrupted; rejects with a Problem before the engine runs.
 */
export async function up(
  argv: string[],
  dir: string,
  help: string,
  look: (stack: string, sinceMs: number) => Promise<Look>,
): Promise<number> {
  const { stack, help: asked, rest } = parseArguments(argv)
  if (asked) return showHelp(help)
  const { place, backend } = await openWorkplace(dir, stack)
  await tidy(place, stack, backend)
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  const args = ['up', '--stack', stack, ...upArguments(rest, Boolean(interactive))]
  const sinceMs = Date.now()
  const { code, interrupted } = await runPulumi(place, args, noteLook)
  if (interrupted) return exitCode.interrupted
  const seen = await look(stack, sinceMs)
  say(seen.line)
  // All holds, and yet the engine failed (an unknown flag, a state that it cannot write): not a success.
  return seen.code === exitCode.asWanted && code !== 0 ? exitCode.failed : seen.code
}

/** The lock of a killed `pulumi` can be told from that of a live one only in our own folder; elsewhere the engine refuses. */
async function tidy(place: Workplace, stack: string, backend: Backend): Promise<void> {
  if (backend.isOurs) say(await clearStaleLocks(place, stack))
  say(await clearPendingCreates(place, stack, backend))
}

function showHelp(help: string): number {
  process.stdout.write(`${help}\n`)
  return exitCode.asWanted
}
