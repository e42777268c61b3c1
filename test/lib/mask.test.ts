import { expect, it } from 'vitest'
import { lastLine, masked, withoutControls } from '../../lib/mask.ts'

it('masks what the runbooks mask: any run of 24 token characters', () => {
  expect(masked('token eyJhbGciOiJSUzI1NiIsInR5cCI6.IkpXVCJ9 ok')).toBe('token [MASKED] ok')
  expect(masked(`${'a'.repeat(23)} stays`)).toBe(`${'a'.repeat(23)} stays`)
})

it('foreign text cannot steer a terminal', () => {
  expect(withoutControls('a\u001b[31mred\u001b[0m\u0007\rb\u009bc\u202ed')).toBe('aredbcd')
  expect(withoutControls('two\nlines')).toBe('two\nlines')
})

it('the last line that says something is what is shown', () => {
  expect(lastLine('first\nsecond  \n\n')).toBe('second')
  expect(lastLine('\n')).toBe('')
})
