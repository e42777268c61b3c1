// A stand-in for Pulumi's own pulumi-resource-command, for machines that reach package registries and nothing else:
// command:local:Command with the semantics of the published 1.2.1. ../plugin.ts decides when it is used.
import { randomBytes } from 'node:crypto'
import { fstatSync } from 'node:fs'
import type { Provider } from '@pulumi/pulumi/provider/provider.js'
import { main } from '@pulumi/pulumi/provider/server.js'
import { cancelAll, killAll } from './children.ts'
import { check, diff, inputsIn, inputsOf } from './command.ts'
import { engineLog } from './engine-log.ts'
import { run } from './run.ts'
import { schema } from './schema.ts'
import { concealed, hasSecret } from './value.ts'

type Raw = Record<string, unknown>
const version = '1.2.1'
const args = process.argv.slice(2)
const logTo = engineLog(args.findLast((arg) => !arg.startsWith('-')))

const typeOf = (urn: string): string => urn.split('::')[2]?.split('$').at(-1) ?? ''
const nameOf = (urn: string): string => urn.split('::').slice(3).join('::')
function knownOnly(urn: string): void {
  if (typeOf(urn) === 'command:local:Command') return
  throw new Error(
    `${typeOf(urn)}: this stand-in provides command:local:Command only, the official plugin the rest`,
  )
}

/** One run, and the state that it leaves: the inputs as they came, the outputs secret where an input is. */
async function state(urn: string, raw: Raw, command: string | undefined, before: Raw): Promise<Raw> {
  const previous = inputsOf(before) as { stdout?: string; stderr?: string }
  const kept = { stdout: previous.stdout ?? '', stderr: previous.stderr ?? '' }
  const { log, flushed } = logTo(urn)
  const outputs =
    command === undefined ? kept : await run(command, inputsOf(raw), previous, log).finally(() => flushed())
  const mark = hasSecret(raw) ? concealed : (value: unknown) => value
  return { ...raw, stdout: mark(outputs.stdout), stderr: mark(outputs.stderr) }
}

const provider: Provider = {
  version,
  getSchema: async () => schema(version),
  async check(urn, _olds, news) {
    knownOnly(urn)
    return check(news)
  },
  diff: async (_id, _urn, olds, news) => diff(inputsIn(olds), news),
  async create(urn, inputs) {
    const id = nameOf(urn) + randomBytes(4).toString('hex')
    return { id, outs: await state(urn, inputs, inputsOf(inputs).create, {}) }
  },
  async update(_id, urn, olds, news) {
    const { update, create } = inputsOf(news)
    return { outs: await state(urn, news, update ?? create, olds) }
  },
  async delete(_id, urn, props) {
    await state(urn, inputsIn(props), inputsOf(props).delete, props)
  },
  async invoke(token) {
    throw new Error(
      `${token}: this stand-in provides command:local:Command only, the official plugin the rest`,
    )
  },
  cancel: async () => cancelAll(),
}

// The engine holds the other end of standard input: when it dies, nobody waits for the commands any more.
if (fstatSync(0).isFIFO()) {
  process.stdin.on('end', () => {
    killAll()
    process.exit(0)
  })
  process.stdin.resume()
}

await main(provider, args)
