import { resolve } from 'node:path'
import { lab } from '../lab/command.ts'
import { Problem, renderProblem } from '../lib/problem.ts'

const checkout = resolve(import.meta.dirname, '..')

// `lab faults | head`: who reads may stop reading
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  process.exitCode = await lab(process.argv.slice(2), checkout, {
    say: (line) => process.stdout.write(`${line}\n`),
    tell: (line) => process.stderr.write(`${line}\n`),
  })
} catch (error) {
  if (!(error instanceof Problem)) throw error
  process.stderr.write(`${renderProblem(error.lines)}\n`)
  process.exitCode = error.exitCode
}
