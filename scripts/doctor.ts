import { enableCompileCache } from 'node:module'

// Before anything else is loaded: the cache halves the time until ssh is started.
enableCompileCache()
const { doctor } = await import('../lib/io/doctor.ts')

process.exitCode = await doctor(process.argv.slice(2))
