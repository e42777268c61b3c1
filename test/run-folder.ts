import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// One folder for everything that the test files of one run share. vitest calls this before the first and after the last.

/** Where the folder is named for the processes that run test files. */
const variable = 'BULMA_TEST_RUN'

/** The folder of this run; null in a program that vitest did not start. */
export const runFolder = (): string | null => process.env[variable] ?? null

export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'bulma-run-'))
  process.env[variable] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
