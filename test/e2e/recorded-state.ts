import { createHash, randomUUID } from 'node:crypto'
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runFolder } from '../run-folder.ts'
import type { Project } from './project.ts'

/**
 * Makes the stack and brings it up once: the next preview is clean. Labs that are alike are recorded alike, so the first
 * project of a run really does it, and what the engine wrote for it is good for all that have the same settings.
 */
export async function record(project: Project): Promise<void> {
  const settings = join(project.dir, 'Pulumi.lab.yaml')
  const states = join(project.dir, '.state')
  const folder = runFolder()
  const kept = folder && join(folder, createHash('sha256').update(readFileSync(settings)).digest('hex'))
  if (kept && existsSync(kept)) {
    cpSync(join(kept, 'settings'), settings)
    cpSync(join(kept, 'state'), states, { recursive: true })
    return
  }
  const made = await project.run(project.engine.pulumi, ['stack', 'select', '--create', 'lab'])
  if (made.code !== 0) throw new Error(made.err)
  const { code, out, err } = await project.up()
  if (code !== 0) throw new Error(`the first up ended with ${code}: ${out}${err}`)
  // What had to be mended first is another lab's state.
  if (kept && !/: mended$/m.test(out)) keep(kept, settings, states)
}

/** Whole or not at all: other test files look for it meanwhile, or have been as fast. */
function keep(kept: string, settings: string, states: string): void {
  const partial = `${kept}.${randomUUID()}`
  cpSync(states, join(partial, 'state'), { recursive: true })
  writeFileSync(join(partial, 'settings'), readFileSync(settings))
  try {
    renameSync(partial, kept)
  } catch {
    rmSync(partial, { recursive: true })
  }
}
