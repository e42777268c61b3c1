import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectDir } from '../lib/io/project.ts'

// What all test files of a run share: a folder, and the modules that any node of theirs has compiled. vitest calls this before
// the first and after the last.

/** Where the folder is named for the processes that run test files. */
const variable = 'BULMA_TEST_RUN'

/** The folder of this run; null in a program that vitest did not start. */
export const runFolder = (): string | null => process.env[variable] ?? null

/** Compiled modules, kept from run to run; `npm ci` empties it. */
export const compiledFolder = join(projectDir, 'node_modules/.cache/bulma-test-compiled')

export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bulma-run-'))
  mkdirSync(compiledFolder, { recursive: true })
  Object.assign(process.env, {
    [variable]: folder,
    NODE_COMPILE_CACHE: compiledFolder,
    NODE_COMPILE_CACHE_PORTABLE: '1',
  })
  return () => rmSync(folder, { recursive: true, force: true })
}
