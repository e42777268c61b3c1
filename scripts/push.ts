import { push } from '../lib/io/login/push.ts'

process.exitCode = await push(process.argv.slice(2))
