import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// `npm run test:faults [FILE…]`: every fault, on the lab that BULMA_LAB names. Reports are those of ./reporter.ts.

const root = join(import.meta.dirname, '../..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const args = ['run', '--reporter=./test/fault/reporter.ts']
const { status } = spawnSync(process.execPath, [vitest, ...args, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, BULMA_FAULTS: 'all' },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
