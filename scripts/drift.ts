import { enableCompileCache } from 'node:module'

// Before anything else is loaded: the cache halves the time until ssh is started.
enableCompileCache()
const { drift } = await import('../lib/io/drift.ts')

process.exitCode = await drift(process.argv.slice(2))
