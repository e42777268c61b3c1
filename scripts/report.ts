import { report } from '../lib/io/watch/report.ts'

process.exitCode = await report(process.argv.slice(2))
