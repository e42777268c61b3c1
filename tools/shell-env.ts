// eval "$(node tools/shell-env.ts)": for a bare `pulumi preview` in this shell where Pulumi is not installed.
import { quote } from '../lib/quote.ts'
import { ensureEngine } from './engine.ts'
import { pulumiEnv } from './pulumi-run.ts'

const engine = await ensureEngine()
process.stderr.write(`${engine.says}\n`)
for (const [name, value] of Object.entries(pulumiEnv(engine, {})))
  process.stdout.write(`export ${name}=${quote(value ?? '')}\n`)
