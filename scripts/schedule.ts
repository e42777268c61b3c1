import { schedule } from '../lib/io/watch/schedule.ts'

process.exitCode = await schedule(process.argv.slice(2))
