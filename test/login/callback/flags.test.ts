import { expect, it } from 'vitest'
import { judgeFlags } from '../../../lib/login/callback-address.ts'
import { Problem } from '../../../lib/problem.ts'

const told = (flags: { port?: string; redirectUri?: string }): string => {
  try {
    judgeFlags({ bank: 'monzo', port: flags.port, redirectUri: flags.redirectUri })
  } catch (error) {
    if (error instanceof Problem) return `${error.exitCode} ${error.lines.why}`
  }
  return 'taken'
}

it('a flag of a login is judged by itself, before any file is read', () => {
  expect(told({})).toBe('taken')
  expect(told({ port: '8766' })).toBe('taken')
  expect(told({ port: '0' })).toBe('64 --port "0" is not a port, 1 to 65535')
  expect(told({ redirectUri: 'http://example.org/monzo' })).toMatch(
    /^64 --redirect-uri says .*\nit must name localhost/,
  )
  expect(told({ port: '1', redirectUri: 'http://localhost:2/monzo' })).toMatch(
    /^64 --port says 1,\n--redirect-uri says/,
  )
  expect(told({ port: '2', redirectUri: 'http://localhost:2/monzo' })).toBe('taken')
})
