import { type ParseArgsConfig, parseArgs } from 'node:util'
import { exitCode } from '../exit-code.ts'
import { Problem } from '../problem.ts'

/** The options that every command that looks has. */
export const lookOptions = {
  json: { type: 'boolean' },
  stack: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options']

/** What a command that looks was asked for. */
export type LookArguments = { json: boolean; stack: string; help: boolean; names: string[] }

/**
 * Reads the arguments of a command that looks.
 * @param command for the message, as `drift`
 * @param known what may stand there beside options
 * @throws Problem (64) for anything else
 */
export function lookArguments(argv: string[], command: string, known: string[] = []): LookArguments {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: lookOptions,
      allowPositionals: known.length > 0,
    })
    const unknown = positionals.find((name) => !known.includes(name))
    if (unknown !== undefined) throw new Error(`${JSON.stringify(unknown)} is not one of ${known.join(', ')}`)
    return {
      json: values.json ?? false,
      stack: values.stack ?? 'z2',
      help: values.help ?? false,
      names: positionals,
    }
  } catch (error) {
    throw new Problem(
      {
        what: 'these arguments are not understood',
        why: (error as Error).message.split('\n')[0] ?? '',
        next: `npm run ${command} -- --help`,
        left: 'nothing was looked at and nothing was changed',
      },
      exitCode.usage,
    )
  }
}
