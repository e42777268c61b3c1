import { describe, expect, it } from 'vitest'
import { check, diff, inputsIn, inputsOf } from '../../../tools/command-provider/command.ts'
import { concealed, hasSecret, isUnknown } from '../../../tools/command-provider/value.ts'

const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9'

describe('check', () => {
  it('adds the one default of the published schema', () => {
    expect(check({ create: 'true' })).toEqual({
      inputs: { create: 'true', addPreviousOutputInEnv: true },
      failures: [],
    })
    expect(check({ addPreviousOutputInEnv: false }).inputs).toEqual({ addPreviousOutputInEnv: false })
  })

  it.each([
    ['create', 3, 'must be a string'],
    ['interpreter', 'sh', 'must be a list of strings'],
    ['environment', { A: 1 }, 'must be a map of strings'],
    ['triggers', 'x', 'must be a list'],
    ['colour', 'red', 'command:local:Command has no input colour'],
  ])('refuses %s = %j', (property, value, reason) => {
    expect(check({ [property]: value }).failures).toEqual([{ property, reason }])
  })

  it('says clearly that it collects no files', () => {
    const [failure] = check({ assetPaths: ['*.txt'] }).failures
    expect(failure?.reason).toContain('the official plugin does')
  })

  it('takes a value that is not known yet, and a secret one', () => {
    expect(check({ create: unknown, stdin: concealed('x'), environment: { A: unknown } }).failures).toEqual(
      [],
    )
  })
})

describe('diff', () => {
  const state = {
    create: 'a',
    environment: { A: '1' },
    addPreviousOutputInEnv: false,
    stdout: 'x',
    stderr: '',
  }
  const news = { create: 'a', environment: { A: '1' }, addPreviousOutputInEnv: false }

  it('sees nothing where only the outputs are more', () => {
    expect(diff(inputsIn(state), news)).toEqual({ changes: false, replaces: [] })
  })

  it.each([
    ['create', 'b'],
    ['update', 'b'],
    ['environment', { A: '2' }],
    ['stdin', 'x'],
    ['logging', 'none'],
    ['dir', '/'],
    ['create', unknown],
  ])('a change of %s updates', (name, value) => {
    expect(diff(inputsIn(state), { ...news, [name]: value })).toEqual({ changes: true, replaces: [] })
  })

  it('a change of triggers replaces, one that goes as well', () => {
    expect(diff({ triggers: ['1'] }, { triggers: ['2'] })).toEqual({ changes: true, replaces: ['triggers'] })
    expect(diff({ triggers: ['1'] }, {})).toEqual({ changes: true, replaces: ['triggers'] })
  })

  it('a value that became a secret is the same value', () => {
    expect(diff({ create: 'a' }, { create: concealed('a') }).changes).toBe(false)
  })
})

describe('values', () => {
  it('secrets and unknown values are found at every depth, and revealed for the command', () => {
    const deep = { environment: { A: [concealed('x')] }, stdin: concealed(unknown) }
    expect([hasSecret(deep), isUnknown(deep), hasSecret({ a: ['x'] })]).toEqual([true, true, false])
    expect(inputsOf({ create: concealed('a') })).toEqual({ create: 'a' })
  })
})
