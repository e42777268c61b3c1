import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'

/** What a wrapper was asked for: the stack, and what goes on to pulumi as it is. */
export type Arguments = { stack: string; help: boolean; rest: string[] }

const defaultStack = 'z2'

function wrong(why: string): Problem {
  const lines = {
    what: 'the stack is not clear',
    why,
    next: 'npm run preview -- --stack z2',
    left: 'nothing was looked at and nothing was changed',
  }
  return new Problem(lines, exitCode.usage)
}

/**
 * Takes `--stack NAME` (also `-s NAME`, `--stack=NAME`) and `--help` out of the arguments.
 * @throws Problem (64) for a stack without a name, or with one that is no stack's
 */
export function parseArguments(argv: string[]): Arguments {
  const result: Arguments = { stack: defaultStack, help: false, rest: [] }
  const left = [...argv]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const inline = /^(?:--stack=|-s=?)(.+)$/.exec(word)?.[1]
    if (word === '--help' || word === '-h') result.help = true
    else if (word === '--stack' || word === '-s') result.stack = left.shift() ?? ''
    else if (inline !== undefined) result.stack = inline
    else result.rest.push(word)
  }
  if (result.stack === '' || result.stack.startsWith('-')) throw wrong('--stack needs a name: --stack z2')
  if (!/^[\w.-]+$/.test(result.stack)) throw wrong(`${result.stack} cannot be the name of a stack`)
  return result
}

const says = (rest: string[], ...names: string[]): boolean =>
  rest.some((word) => names.includes(word.split('=')[0] ?? ''))

/**
 * The arguments of `pulumi up`. Where nobody can answer the engine's question it gets `--yes`; and with `--yes` the
 * engine skips its preview, so that what a person must do is said once.
 */
export function upArguments(rest: string[], interactive: boolean): string[] {
  const asked = interactive && !says(rest, '--non-interactive')
  const decided = says(rest, '--yes', '-y', '--skip-preview', '-f', '--preview-only')
  const yes = asked || decided ? [] : ['--yes']
  const inForce = yes.length > 0 || says(rest, '--yes', '-y')
  const skip = inForce && !says(rest, '--skip-preview', '-f', '--preview-only') ? ['--skip-preview'] : []
  return [...rest, ...yes, ...skip]
}
