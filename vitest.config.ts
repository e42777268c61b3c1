import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { elsewhereFiles } from './test/fault/elsewhere.ts'
import { LongestFirst } from './test/longest-first.ts'
import { isAll, isReal } from './test/run-kind.ts'

// `npm run test:real`: the end-to-end suite as it stands, on the real lab, and what only the real lab can show.
// `npm run test:faults`: all of the fault matrix, with the files elsewhere that show a part of it.

const faults = ['test/fault/**/*.test.ts']
const real = ['test/e2e/**/*.test.ts', 'test/real/**/*.test.ts', ...faults]
const included = isAll ? [...faults, ...elsewhereFiles] : isReal ? real : ['test/**/*.test.ts']

export default defineConfig({
  test: {
    include: included,
    // The login shells are tried by hand-made PATHs of the simulation; on the real lab root's own shell is real.
    exclude: isReal
      ? ['test/e2e/login-shell.test.ts', 'test/fault/simulation/**']
      : ['test/real/**', 'test/fault/real/**'],
    globalSetup: 'test/run-folder.ts',
    sequence: { sequencer: LongestFirst },
    // The labs and the engine are real: what they do takes seconds, a part of it waiting. Two for each core keep it busy.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: Math.min(8, Math.max(4, 2 * availableParallelism())),
  },
})
