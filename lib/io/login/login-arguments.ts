import { parseArgs } from 'node:util'
import { exitCode } from '../../exit-code.ts'
import type { Bank } from '../../invariant.ts'
import { Problem } from '../../problem.ts'

const banks: readonly Bank[] = ['monzo', 'truelayer']

/** What `reauth`, `push` and `verify` were asked for. `push` and `verify` know only `yes`, `stack` and `help`. */
export type LoginFlags = {
  force: boolean
  anyway: boolean
  newLogin: boolean
  /** as typed; judged with the redirect URI */
  port: string | undefined
  redirectUri: string | undefined
  open: boolean
  /** the old script's flag: accepted, and said to be without effect */
  noItachiSync: boolean
  yes: boolean
  stack: string
}

const common = {
  yes: { type: 'boolean', short: 'y' },
  stack: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const
const login = {
  ...common,
  force: { type: 'boolean' },
  anyway: { type: 'boolean' },
  'new-login': { type: 'boolean' },
  port: { type: 'string' },
  'redirect-uri': { type: 'string' },
  'no-open': { type: 'boolean' },
  'no-itachi-sync': { type: 'boolean' },
} as const

/**
 * Reads the arguments of a command of a login.
 * @returns null where help was asked for
 * @throws Problem (64) for anything that is not understood
 */
export function loginArguments(
  argv: string[],
  command: 'reauth' | 'push' | 'verify',
): { bank: Bank; flags: LoginFlags } | null {
  const { values, positionals } = parsed(argv, command)
  if (values.help) return null
  const bank = banks.find((one) => one === positionals[0])
  if (bank === undefined || positionals.length > 1)
    throw misuse(
      command,
      positionals.length === 0 ? 'which bank' : `got ${JSON.stringify(positionals.join(' '))}`,
    )
  return {
    bank,
    flags: {
      force: values.force ?? false,
      anyway: values.anyway ?? false,
      newLogin: values['new-login'] ?? false,
      port: values.port,
      redirectUri: values['redirect-uri'],
      open: !(values['no-open'] ?? false),
      noItachiSync: values['no-itachi-sync'] ?? false,
      yes: values.yes ?? false,
      stack: values.stack ?? 'z2',
    },
  }
}

type Values = { [K in keyof typeof login]?: (typeof login)[K]['type'] extends 'boolean' ? boolean : string }

function parsed(argv: string[], command: string): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: argv, options: command === 'reauth' ? login : common, allowPositionals: true })
  } catch (error) {
    throw misuse(command, (error as Error).message.split('\n')[0] ?? '')
  }
}

const misuse = (command: string, why: string): Problem =>
  new Problem(
    {
      what: `npm run ${command} needs one bank, monzo or truelayer`,
      why,
      next: `npm run ${command} -- --help`,
      left: 'nothing was changed',
    },
    exitCode.usage,
  )
