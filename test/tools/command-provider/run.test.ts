import { describe, expect, it } from 'vitest'
import type { Inputs, Outputs } from '../../../tools/command-provider/command.ts'
import { run } from '../../../tools/command-provider/run.ts'

async function ran(command: string, inputs: Inputs = {}, previous: Partial<Outputs> = {}) {
  const log: string[] = []
  const outputs = await run(command, inputs, previous, (line) => log.push(line))
  return { ...outputs, log }
}

describe('a run', () => {
  it('trims one newline of each stream and no more', async () => {
    const { stdout, stderr } = await ran('printf "a\\n\\n"; printf "b\\n" >&2')
    expect([stdout, stderr]).toEqual(['a\n', 'b'])
  })

  it('takes interpreter, dir, environment and stdin', async () => {
    const interpreter = ['/bin/sh', '-e', '-c']
    const inputs = { interpreter, dir: '/', environment: { COLOUR: 'red' }, stdin: 'given' }
    const { stdout } = await ran('pwd; echo $COLOUR; cat; false; echo never', inputs).catch((e: Error) => ({
      stdout: e.message,
    }))
    expect(stdout).toBe('exit status 1: running "pwd; echo $COLOUR; cat; false; echo never":\n/\nred\ngiven')
  })

  it('reads from nowhere without stdin', async () => {
    expect((await ran('cat; echo end')).stdout).toBe('end')
  })

  it('a command that does not read its stdin is judged by its exit status', async () => {
    expect((await ran('exec 0<&-; sleep 0.05; echo done', { stdin: 'x'.repeat(300_000) })).stdout).toBe(
      'done',
    )
  })

  it.each([
    [undefined, ['out', 'err', 'end']],
    ['stdout', ['out', 'end']],
    ['stderr', ['err']],
    ['stdoutAndStderr', ['out', 'err', 'end']],
    ['none', []],
  ])('logging %s', async (logging, wanted) => {
    const command = 'echo out; sleep 0.05; echo err >&2; sleep 0.05; printf end'
    expect((await ran(command, logging === undefined ? {} : { logging })).log).toEqual(wanted)
  })

  it('the output of the run before is in the environment, unless that is off', async () => {
    const command = 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"'
    const previous = { stdout: 'o', stderr: 'e' }
    expect((await ran(command, {}, previous)).stdout).toBe('o/e')
    expect((await ran(command, { addPreviousOutputInEnv: false }, previous)).stdout).toBe('/')
  })

  it('fails with both streams in the order in which they came', async () => {
    const command = 'echo a; sleep 0.05; echo b >&2; sleep 0.05; echo c; exit 9'
    await expect(ran(command)).rejects.toThrow(`exit status 9: running "${command}":\na\nb\nc\n`)
  })

  it('fails in the words of the official plugin when the interpreter is not there', async () => {
    await expect(ran('x', { interpreter: ['no-such-program'] })).rejects.toThrow(
      'exec: "no-such-program": executable file not found in $PATH: running "x":\n',
    )
    await expect(ran('x', { dir: '/no/such' })).rejects.toThrow('chdir /no/such: no such file or directory')
  })
})
