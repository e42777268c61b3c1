import { spawn } from 'node:child_process'
import { register } from './children.ts'
import type { Inputs, Outputs } from './command.ts'
import { ending, failureText, notStarted } from './failure.ts'

/** Takes one line of output at a time, for the engine's display. */
export type Log = (line: string) => void

const trimmed = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text)
const logs = (logging: string | undefined, stream: 'stdout' | 'stderr'): boolean =>
  logging === undefined || logging === stream || logging === 'stdoutAndStderr'

function environment(inputs: Inputs, previous: Partial<Outputs>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...inputs.environment }
  if (inputs.addPreviousOutputInEnv === false) return env
  if (previous.stdout) env.PULUMI_COMMAND_STDOUT = previous.stdout
  if (previous.stderr) env.PULUMI_COMMAND_STDERR = previous.stderr
  return env
}

/** Cuts a stream of chunks into lines; `end` gives out what is left without a newline. */
function lines(log: Log): { add: (text: string) => void; end: () => void } {
  let rest = ''
  return {
    add(text) {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) log(part.endsWith('\r') ? part.slice(0, -1) : part)
    },
    end() {
      if (rest !== '') log(rest)
    },
  }
}

/**
 * Runs `command` as command:local:Command does: interpreter (default `/bin/sh -c`), dir, environment, stdin, logging.
 * Resolves to what it printed; rejects with the published text when it ends non-zero or does not start.
 */
export function run(command: string, inputs: Inputs, previous: Partial<Outputs>, log: Log): Promise<Outputs> {
  const interpreter = inputs.interpreter?.length ? inputs.interpreter : ['/bin/sh', '-c']
  const [program = '', ...args] = [...interpreter, command]
  const dir = inputs.dir ?? process.cwd()
  const kept: Record<'stdout' | 'stderr' | 'both', Buffer[]> = { stdout: [], stderr: [], both: [] }
  const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8')
  const shown = lines(log)
  return new Promise((resolve, reject) => {
    const fail = (how: string): void => reject(new Error(failureText(how, command, text(kept.both))))
    const child = spawn(program, args, {
      cwd: dir,
      env: environment(inputs, previous),
      // A process group of its own, so that Cancel reaches what the command started as well.
      detached: true,
      stdio: [inputs.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    })
    if (!register(child)) return fail('context canceled')
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.on('data', (chunk: Buffer) => {
        kept[name].push(chunk)
        kept.both.push(chunk)
        if (logs(inputs.logging, name)) shown.add(chunk.toString('utf8'))
      })
    // A command may end without reading what it was given: its exit status is the answer, not the broken pipe.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(inputs.stdin)
    child.once('error', (error) => fail(notStarted(program, dir, error)))
    child.once('close', (code, signal) => {
      shown.end()
      const how = ending(code, signal)
      if (how) return fail(how)
      resolve({ stdout: trimmed(text(kept.stdout)), stderr: trimmed(text(kept.stderr)) })
    })
  })
}
