import { verify } from '../lib/io/login/verify.ts'

process.exitCode = await verify(process.argv.slice(2))
