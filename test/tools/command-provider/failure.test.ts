import { describe, expect, it } from 'vitest'
import { ending, failureText, notStarted, quoted } from '../../../tools/command-provider/failure.ts'

describe('the failure text of the official plugin', () => {
  it.each([
    ['exit 3', '"exit 3"'],
    ['echo "a"\n\ttrue', '"echo \\"a\\"\\n\\ttrue"'],
    ['back\\slash', '"back\\\\slash"'],
    ['bell\x07 esc\x1b', '"bell\\a esc\\x1b"'],
    ['grün · 猫', '"grün · 猫"'],
    ['a\u00a0b\u200b', '"a\\u00a0b\\u200b"'],
  ])('a command is quoted as Go does it: %j', (text, wanted) => {
    expect(quoted(text)).toBe(wanted)
  })

  it.each([
    [0, null, undefined],
    [3, null, 'exit status 3'],
    [null, 'SIGKILL', 'signal: killed'],
    [null, 'SIGTERM', 'signal: terminated'],
  ] as const)('an end with code %s and signal %s', (code, signal, wanted) => {
    expect(ending(code, signal)).toBe(wanted)
  })

  it('names the end, the command and all output', () => {
    expect(failureText('exit status 2', 'ls x', 'no x\n')).toBe('exit status 2: running "ls x":\nno x\n')
  })

  it('a program that is not there is told apart from a folder that is not there', () => {
    const error = Object.assign(new Error('spawn'), { code: 'ENOENT' })
    expect(notStarted('no-such-program', '/', error)).toBe(
      'exec: "no-such-program": executable file not found in $PATH',
    )
    expect(notStarted('/bin/sh', '/no/such', error)).toBe('chdir /no/such: no such file or directory')
    expect(notStarted('/no/such', '/', error)).toBe('fork/exec /no/such: no such file or directory')
  })
})
