import { demo } from '../lab/demo.ts'
import { report } from '../lib/io/problem-report.ts'
import { projectDir } from '../lib/io/stack-file.ts'

try {
  await demo(projectDir)
} catch (error) {
  process.exitCode = report(error)
}
