import { resolve } from 'node:path'
import { lab } from '../lab/command.ts'
import { exitWith } from '../lib/io/problem-report.ts'

const checkout = resolve(import.meta.dirname, '..')

// `lab faults | head`: who reads may stop reading
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

await exitWith(
  lab(process.argv.slice(2), checkout, {
    say: (line) => process.stdout.write(`${line}\n`),
    tell: (line) => process.stderr.write(`${line}\n`),
  }),
)
