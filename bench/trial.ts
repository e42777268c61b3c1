import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectDir } from '../lib/io/project.ts'
import { runWell } from './child.ts'
import { labWay, type Way } from './way.ts'

/** A checkout that is thrown away, with a real lab of its own. Its stack is `lab`, its caches are its own. */
export type Trial = { folder: string; log: string; way: Way; end(): Promise<void> }

const parts = [
  'index.ts',
  'package.json',
  'Pulumi.yaml',
  'Pulumi.lab.yaml',
  'lib',
  'stacks',
  'scripts',
  'tools',
  'lab',
]

/** A copy of this checkout in `folder`, with the packages that are installed and the engine that was made here. */
export function copyCheckout(folder: string): void {
  for (const name of parts) cpSync(join(projectDir, name), join(folder, name), { recursive: true })
  mkdirSync(join(folder, '.state'))
  symlinkSync(join(projectDir, '.toolchain'), join(folder, '.toolchain'))
  // A folder of links: what lies in node_modules/.cache is then this checkout's alone.
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(projectDir, 'node_modules'))) {
    if (name !== '.cache')
      symlinkSync(join(projectDir, 'node_modules', name), join(folder, 'node_modules', name))
  }
}

/** `node scripts/lab.ts …` in a checkout. */
export async function lab(folder: string, log: string, ...words: string[]): Promise<void> {
  await runWell({ program: process.execPath, args: ['scripts/lab.ts', ...words], cwd: folder }, log)
}

/** Makes the checkout and boots its lab. */
export async function openTrial(log: string): Promise<Trial> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulma-bench-')))
  const end = async (): Promise<void> => {
    await lab(folder, log, 'down')
    rmSync(folder, { recursive: true, force: true })
  }
  copyCheckout(folder)
  try {
    await lab(folder, log, 'up', '--real')
  } catch (error) {
    await end()
    throw error
  }
  return { folder, log, way: labWay(folder, log), end }
}
