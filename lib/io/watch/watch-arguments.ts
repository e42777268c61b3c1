import { type ParseArgsConfig, parseArgs } from 'node:util'
import { exitCode } from '../../exit-code.ts'
import { Problem } from '../../problem.ts'

/** Arguments that nobody can make sense of. @param command for the message, as `status` */
export const misused = (command: string, why: string): Problem =>
  new Problem(
    {
      what: 'these arguments are not understood',
      why,
      next: `npm run ${command} -- --help`,
      left: 'nothing was looked at and nothing was changed',
    },
    exitCode.usage,
  )

/** Reads options and words. @throws Problem (64) for anything that is not among them */
export function readArguments<O extends NonNullable<ParseArgsConfig['options']>>(
  argv: string[],
  command: string,
  options: O,
) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true })
  } catch (error) {
    throw misused(command, (error as Error).message.split('\n')[0] ?? '')
  }
}

/** @throws Problem (64) where a command that takes no words was given some */
export function takeNoWords(command: string, words: string[]): void {
  if (words.length > 0) throw misused(command, `it takes no words, and there is ${JSON.stringify(words[0])}`)
}

/** A whole number within limits, where one was given. @throws Problem (64) */
export function readCount(
  command: string,
  option: string,
  value: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined
  const count = Number(value)
  if (/^\d+$/.test(value) && count >= least && count <= most) return count
  throw misused(command, `${option} must be a whole number from ${least} to ${most}`)
}
