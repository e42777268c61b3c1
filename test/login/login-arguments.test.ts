import { expect, test } from 'vitest'
import { loginArguments } from '../../lib/io/login/login-arguments.ts'
import { Problem } from '../../lib/problem.ts'

test('every documented flag of reauth is read', () => {
  const argv =
    'truelayer --force --anyway --new-login --port 8766 --redirect-uri http://localhost:8766/truelayer/callback --no-open --no-itachi-sync --yes --stack lab'
  expect(loginArguments(argv.split(' '), 'reauth')).toEqual({
    bank: 'truelayer',
    flags: {
      force: true,
      anyway: true,
      newLogin: true,
      port: '8766',
      redirectUri: 'http://localhost:8766/truelayer/callback',
      open: false,
      noItachiSync: true,
      yes: true,
      stack: 'lab',
    },
  })
})

test('without flags nothing is forced, the browser opens, and the stack is the real one', () => {
  expect(loginArguments(['monzo'], 'reauth')?.flags).toMatchObject({
    force: false,
    anyway: false,
    newLogin: false,
    port: undefined,
    open: true,
    yes: false,
    stack: 'z2',
  })
})

test('help wins over everything that is missing', () => {
  expect(loginArguments(['--help'], 'push')).toBeNull()
})

test.each<[string, 'reauth' | 'push' | 'verify', string[], RegExp]>([
  ['no bank', 'reauth', [], /which bank/],
  ['another bank', 'push', ['natwest'], /"natwest"/],
  ['two banks', 'verify', ['monzo', 'truelayer'], /"monzo truelayer"/],
  ['an unknown flag', 'reauth', ['monzo', '--forse'], /--forse/],
  ['a flag of reauth for push', 'push', ['monzo', '--force'], /--force/],
  ['a flag without its value', 'reauth', ['monzo', '--port'], /--port/],
])('%s is wrong usage, and the message names it', (_, command, argv, why) => {
  try {
    loginArguments(argv, command)
    expect.fail('it was accepted')
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    expect(error.exitCode).toBe(64)
    expect(error.lines.why).toMatch(why)
    expect(error.lines.next).toBe(`npm run ${command} -- --help`)
    expect(error.lines.left).toBe('nothing was changed')
  }
})
