import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { shownBy } from './elsewhere.ts'
import type { Row } from './row.ts'
import { type Lab, type Results, type Rows, render, totals, totalsHead } from './table.ts'

// `npm run test:faults`: a line for each fault as it is tried, the totals at the end, and docs/faults.md.

const root = join(import.meta.dirname, '../..')
/** What the runs have found so far, each test as of the last run in which it passed. */
const resultFile = join(import.meta.dirname, 'result.json')
const page = join(root, 'docs/faults.md')
const lab: Lab = process.env.BULMA_LAB === 'real' ? 'real' : 'simulation'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const faultOf = (test: TestCase): Row | undefined =>
  test.meta().fault ?? shownBy(test.module.moduleId, test.fullName)

/** `e2e/login-reach`: a file by its path below test/. */
const nameOf = ({ moduleId }: TestModule): string =>
  relative(join(root, 'test'), moduleId).replace(/\.test\.ts$/, '')

/** Rows of a file by the names of its tests, in its order: those that ran anew, those that were left out as they were. */
function rowsOf(module: TestModule, before: Rows): { now: Rows; all: Rows } {
  const now: Rows = {}
  const all: Rows = {}
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    const row = faultOf(test)
    const name = test.fullName
    if (state === 'passed' && row) now[name] = all[name] = row
    else if (state === 'skipped' && before[name]) all[name] = before[name]
  }
  return { now, all }
}

export default class FaultReporter implements Reporter {
  private readonly now: { [file: string]: Rows } = {}
  private broken = 0

  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result()
    const row = faultOf(test)
    if (state === 'skipped') return
    if (state === 'failed') this.broken += 1
    if (!row) return
    say(
      `${state === 'passed' ? 'kept  ' : 'BROKEN'}  ${row.family} · ${row.fault} · ${lab} · exit ${row.exit}`,
    )
    say(`        ${row.sees} · ${row.after}`)
    for (const { message } of errors) say(`        ${message.split('\n').slice(0, 40).join('\n        ')}`)
  }

  // Of a run that is ended halfway, what was tried until then is kept.
  onTestModuleEnd(module: TestModule): void {
    const known: Results = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : {}
    const { [nameOf(module)]: before = {}, ...others } = known[lab] ?? {}
    const { now, all } = rowsOf(module, before)
    this.now[nameOf(module)] = now
    if (process.env.BULMA_FAULTS !== 'all') return
    const ours = Object.keys(all).length > 0 ? { ...others, [nameOf(module)]: all } : others
    const sorted = Object.fromEntries(Object.entries(ours).sort(([a], [b]) => (a < b ? -1 : 1)))
    const { simulation, real }: Results = { ...known, [lab]: sorted }
    writeFileSync(resultFile, `${JSON.stringify({ simulation, real }, null, 1)}\n`)
    writeFileSync(page, render({ simulation, real }))
  }

  onTestRunEnd(): void {
    for (const words of [totalsHead, ...totals({ [lab]: this.now })])
      say(words.map((word) => word.padStart(11)).join(''))
    say(this.broken === 0 ? 'no promise was broken' : `${this.broken} broken`)
  }
}
