import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../bench/child.ts'
import { drift } from '../../bench/contender.ts'
import { copyCheckout, lab } from '../../bench/trial.ts'
import { labWay } from '../../bench/way.ts'

// What a look loads is what it waits for. A checkout of its own: the configuration that was read once is kept in it.

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulma-modules-')))
const log = join(folder, 'log')
let loaded: string[]

beforeAll(async () => {
  copyCheckout(folder)
  await lab(folder, log, 'up')
  const command = drift.look(labWay(folder, log))
  // the first look reads and checks the stack's file, later ones do not
  expect((await run(command, log)).code).toBe(0)
  const moduleLog = join(folder, 'modules')
  writeFileSync(moduleLog, '')
  const args = ['--import', join(import.meta.dirname, 'module-log.ts'), ...command.args]
  expect((await run({ ...command, args, env: { ...command.env, MODULE_LOG: moduleLog } }, log)).code).toBe(0)
  loaded = readFileSync(moduleLog, 'utf8').trim().split('\n')
})
afterAll(async () => {
  await lab(folder, log, 'down')
  rmSync(folder, { recursive: true, force: true })
})

const ours = (lines: string[]): string[] => lines.filter((line) => line.startsWith(`file://${folder}/`))
const foreign = (lines: string[]): string[] =>
  lines.flatMap((line) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(line)?.[1] ?? [])

describe('npm run drift', () => {
  it('starts ssh before it loads a library, and with few files of its own', () => {
    const before = loaded.slice(0, loaded.indexOf('spawn ssh'))
    expect(loaded).toContain('spawn ssh')
    expect(foreign(before)).toEqual([])
    expect(ours(before).length).toBeLessThanOrEqual(22)
  })

  it('loads zod and no other library', () => {
    expect([...new Set(foreign(loaded))]).toEqual(['zod'])
  })

  it('loads no more files than it did when this was written', () => {
    expect(ours(loaded).length).toBeLessThanOrEqual(60)
    expect(foreign(loaded).length).toBeLessThanOrEqual(92)
  })
})
