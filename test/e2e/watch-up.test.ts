import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readCount, resetCount } from '../../lab/count.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { type Entry, parseHistory } from '../../lib/watch/entry.ts'
import { type Project, recordedProject } from './project.ts'

// What an `up` leaves in the history: what it found, what it repaired, what holds then.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterAll(() => project.end())
beforeEach(async () => {
  await project.lab('mend')
  rmSync(join(project.dir, '.lab/history'), { recursive: true, force: true })
})

const file = (): string => join(project.dir, '.lab/history/lab.jsonl')
const entries = (): Entry[] => parseHistory(readFileSync(file(), 'utf8')).entries
const offOf = (entry: Entry | undefined): string[] =>
  entry?.kind === 'look' ? entry.off.filter(({ cause }) => cause === null).map(({ id }) => id) : ['no look']
const timer = 'ct109/timer/bulma-poll-monzo.timer'

describe('npm run up', () => {
  it('notes what it found, what it repaired, and what needs a person still', async () => {
    await project.lab('break', 'timer-disabled-monzo', 'poll-dead-truelayer')
    const { code, err } = await project.script('up', ['--stack', 'lab', '--yes'])
    expect([code, err]).toEqual([4, expect.stringContaining('1 needs you')])
    const [before, repair, after, ...rest] = entries()
    expect(before).toMatchObject({ kind: 'look', by: 'up' })
    expect(offOf(before)).toEqual([timer, 'ct109/last-poll/truelayer'])
    expect(repair).toMatchObject({ kind: 'repair', mended: [timer] })
    expect(after).toMatchObject({ kind: 'look', by: 'up' })
    expect(offOf(after)).toEqual(['ct109/last-poll/truelayer'])
    expect(rest).toEqual([])
  })

  it('notes no repair where there was none', async () => {
    expect((await project.script('up', ['--stack', 'lab', '--yes'])).code).toBe(0)
    expect(entries().map(({ kind }) => kind)).toEqual(['look', 'look'])
  })

  it('notes that it could not look, when Z2 is gone at its end', async () => {
    await project.lab('break', 'port-refused')
    expect((await project.script('up', ['--stack', 'lab', '--yes'])).code).toBe(3)
    expect(entries()).toMatchObject([{ kind: 'unseen', by: 'up', why: expect.stringContaining('refused') }])
  })
})

it('a preview and a bare pulumi up note nothing, and a look takes one connection', async () => {
  await project.lab('break', 'timer-disabled-monzo')
  await project.script('preview', ['--stack', 'lab'])
  expect((await project.up()).mended).toEqual([timer])
  expect(existsSync(file())).toBe(false)
  const place = placeAt(project.dir, '.lab')
  const master = ['-F', '.lab/ssh_config', '-o', 'ControlPath=~/.ssh/bulma-%C', '-O', 'exit', 'hinata-z2']
  await project.run('ssh', master)
  resetCount(place)
  expect((await project.script('up', ['--stack', 'lab', '--yes'])).code).toBe(0)
  if (process.env.BULMA_LAB !== 'real')
    expect(readCount(place)).toMatchObject({ connections: 1, sessions: 2 })
})
