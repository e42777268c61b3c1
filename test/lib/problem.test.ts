import { expect, it } from 'vitest'
import { renderProblem } from '../../lib/problem.ts'

it('what others say in any of the four lines of a problem steers no terminal', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\r\u202e'
  const text = renderProblem({ what: evil, why: evil, next: evil, left: `${evil}\nmore` })
  expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
  expect(text.split('\n')).toHaveLength(5)
})
