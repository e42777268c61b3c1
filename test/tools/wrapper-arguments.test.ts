import { describe, expect, it } from 'vitest'
import type { Problem } from '../../lib/problem.ts'
import { parseArguments, upArguments } from '../../tools/wrapper-arguments.ts'

describe('the arguments of the wrappers', () => {
  it.each([
    [[], { stack: 'z2', help: false, rest: [] }],
    [['--diff', '--parallel', '64'], { stack: 'z2', help: false, rest: ['--diff', '--parallel', '64'] }],
    [['--stack', 'lab', '--diff'], { stack: 'lab', help: false, rest: ['--diff'] }],
    [['--stack=lab'], { stack: 'lab', help: false, rest: [] }],
    [['-s', 'lab'], { stack: 'lab', help: false, rest: [] }],
    [['-h'], { stack: 'z2', help: true, rest: [] }],
  ])('%j', (argv, wanted) => {
    expect(parseArguments(argv)).toEqual(wanted)
  })

  it.each([
    [['--stack'], '--stack needs a name: --stack z2'],
    [['--stack', '--diff'], '--stack needs a name: --stack z2'],
    [['--stack', '../x'], '../x cannot be the name of a stack'],
  ])('%j is wrong usage', (argv, why) => {
    try {
      parseArguments(argv)
      expect.unreachable()
    } catch (error) {
      expect([(error as Problem).exitCode, (error as Problem).lines.why]).toEqual([64, why])
    }
  })

  it.each([
    [[], true, []],
    [[], false, ['--yes', '--skip-preview']],
    [['--yes'], true, ['--yes', '--skip-preview']],
    [['-y', '--parallel=64'], false, ['-y', '--parallel=64', '--skip-preview']],
    [['--non-interactive'], true, ['--non-interactive', '--yes', '--skip-preview']],
    [['--skip-preview'], false, ['--skip-preview']],
    [['--preview-only'], false, ['--preview-only']],
  ])('up %j on a terminal: %s', (rest, interactive, wanted) => {
    expect(upArguments(rest, interactive)).toEqual(wanted)
  })
})
