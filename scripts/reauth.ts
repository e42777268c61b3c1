import { reauth } from '../lib/io/login/reauth.ts'

process.exitCode = await reauth(process.argv.slice(2))
