import { watch } from '../lib/io/watch/watch.ts'

// One look of the schedule: `npm run schedule -- install` has it run.
process.exitCode = await watch(process.argv.slice(2))
