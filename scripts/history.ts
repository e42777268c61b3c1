import { history } from '../lib/io/watch/history.ts'

process.exitCode = await history(process.argv.slice(2))
