import { defineConfig } from 'vitest/config'

// `npm run test:real`: the end-to-end suite as it stands, on the real lab, and what only the real lab can show.
const isReal = process.env.BULMA_LAB === 'real'

export default defineConfig({
  test: {
    include: isReal
      ? ['test/e2e/**/*.test.ts', 'test/real/**/*.test.ts', 'test/fault/**/*.test.ts']
      : ['test/**/*.test.ts'],
    // The login shells are tried by hand-made PATHs of the simulation; on the real lab root's own shell is real.
    exclude: isReal ? ['test/e2e/login-shell.test.ts'] : ['test/real/**'],
    // The labs and the engine are real: what they do takes seconds. Most of that is waiting, so two cores carry four of them.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 4,
  },
})
