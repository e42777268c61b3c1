import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { elsewhere, shownBy } from './elsewhere.ts'
import type { Row } from './row.ts'
import { merged, type Results, render } from './table.ts'

const root = join(import.meta.dirname, '../..')
const row: Row = { family: 'ssh', fault: 'a | b', sees: 'two\nlines', exit: 'drift 3', after: 'unchanged' }

describe('docs/faults.md', () => {
  it('is what the runs have found, word for word', () => {
    const results = JSON.parse(readFileSync(join(import.meta.dirname, 'result.json'), 'utf8')) as Results
    expect(readFileSync(join(root, 'docs/faults.md'), 'utf8')).toBe(render(results))
  })

  it('adds up the tests of one fault, and keeps a cell in its place', () => {
    expect(merged([row, { ...row, cases: 4, kills: 2 }])).toEqual([{ ...row, cases: 5, kills: 2 }])
    const page = render({ simulation: { ssh: { one: row, two: { ...row, cases: 4, kills: 2 } } } })
    expect(page).toContain('| a \\| b | simulation | two lines | drift 3 | unchanged | 5; 2 kills |')
    expect(page).toContain('| simulation | 1 | 5 | 0 | 2 |')
    expect(page).not.toContain('## Files')
  })
})

describe('the tests elsewhere that are a part of it', () => {
  it('are there', () => {
    expect(elsewhere.filter(({ file }) => !existsSync(join(root, file)))).toEqual([])
  })

  it('are known by the file and by what the test says', () => {
    expect(
      shownBy('/x/test/e2e/blind.test.ts', 'port-refused > could not look, and change nothing')?.family,
    ).toBe('ssh')
    expect(shownBy('/x/test/e2e/blind.test.ts', 'something else')).toBe(undefined)
    expect(shownBy('/x/test/e2e/other.test.ts', 'could not look, and change nothing')).toBe(undefined)
  })
})
