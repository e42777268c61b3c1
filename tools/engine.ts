import { dirname } from 'node:path'
import { findPathEngine } from './path-engine.ts'
import { ensurePlugin } from './plugin.ts'
import { type Progress, terminalProgress } from './progress.ts'
import { ownEngine } from './toolchain.ts'
import { engineVersion } from './version.ts'

/** An engine that runs this project. */
export type Engine = {
  /** path of the `pulumi` to start */
  pulumi: string
  /** what to add to process.env for it */
  env: Record<string, string>
  /** one line: which engine and which command plugin are in use */
  says: string
}

const own = { installed: ' (downloaded)', built: ' (built from source)' }

/**
 * Makes sure of an engine: a recent enough `pulumi` on PATH, else Pulumi's own installer, else a build from source.
 * Quick once it has been done: what was found is kept in `.toolchain`.
 * @throws Problem where no engine can be had, with what to install
 */
export async function ensureEngine(progress: Progress = terminalProgress()): Promise<Engine> {
  const found = await findPathEngine()
  // The node that runs us runs the program and the stand-in too: another one on PATH may be too old for them.
  const node = dirname(process.execPath)
  if (found && 'pulumi' in found) {
    const plugin = await ensurePlugin(found.pulumi, progress)
    const env = { PATH: `${node}:${process.env.PATH}`, ...plugin.env }
    return { pulumi: found.pulumi, env, says: `Pulumi ${found.version} on PATH · ${plugin.says}` }
  }
  const passed = found ? [found.reason] : ['pulumi: not on PATH']
  const { pulumi, how } = await ownEngine(passed, progress)
  const plugin = await ensurePlugin(pulumi, progress)
  const env = { PATH: `${dirname(pulumi)}:${node}:${process.env.PATH}`, ...plugin.env }
  const aside = found ? ` (${found.reason})` : ''
  return { pulumi, env, says: `Pulumi ${engineVersion}${own[how]}${aside} · ${plugin.says}` }
}
