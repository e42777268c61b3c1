// eval "$(node tools/shell-env.ts)": for a bare `pulumi preview` in this shell where Pulumi is not installed.
import { quote } from '../lib/quote.ts'
import { backendVariable, splitBackend } from './backend.ts'
import { ensureEngine } from './engine.ts'
import { pulumiEnv } from './pulumi-run.ts'

const engine = await ensureEngine()
process.stderr.write(`${engine.says}\n`)
const { [backendVariable]: named = '' } = process.env
const { address, password } = splitBackend(named)
// What is printed ends up on screens and in histories.
if (password !== null)
  process.stderr.write('the password of the backend is left out: PGPASSWORD or ~/.pgpass\n')
// Whatever else is started in that shell is no concern of ours.
const { GOGC: _forPulumi, ...shellEnv } = pulumiEnv(engine, { [backendVariable]: address })
for (const [name, value] of Object.entries(shellEnv))
  process.stdout.write(`export ${name}=${quote(value ?? '')}\n`)
