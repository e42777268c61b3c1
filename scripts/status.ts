import { enableCompileCache } from 'node:module'

// Before anything else is loaded: the cache halves the time until ssh is started.
enableCompileCache()
const { status } = await import('../lib/io/watch/status.ts')

process.exitCode = await status(process.argv.slice(2))
