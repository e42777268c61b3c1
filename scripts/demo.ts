import { demo } from '../lab/demo.ts'
import { exitCode } from '../lib/exit-code.ts'
import { report } from '../lib/io/problem-report.ts'
import { projectDir } from '../lib/io/project.ts'

// Ctrl-C ends the command that is shown; the demo then still takes its lab down.
let isInterrupted = false
process.on('SIGINT', () => {
  isInterrupted = true
})

try {
  await demo(projectDir)
} catch (error) {
  process.exitCode = isInterrupted ? exitCode.interrupted : report(error)
}
