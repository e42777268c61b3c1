import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Entry, entryLine } from '../../lib/watch/entry.ts'
import { type Ended, newProject, type Project } from '../e2e/project.ts'
import { lastMs, longHistory } from './long-history.ts'

// The commands that look back, as a person meets them. They need no Z2: none is up here.

let project: Project
beforeAll(async () => {
  project = await newProject()
})
afterAll(() => project.end())

const folder = (): string => join(project.dir, '.lab/history')
const file = (): string => join(folder(), 'lab.jsonl')
beforeEach(() => {
  rmSync(folder(), { recursive: true, force: true })
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
})

/** The long history, moved so that its last look was a minute ago. */
const moved = (): Entry[] => {
  const byMs = Date.now() - 60_000 - lastMs
  return longHistory().map((one) => ({ ...one, at: new Date(Date.parse(one.at) + byMs).toISOString() }))
}
const fill = (entries: Entry[]): void =>
  writeFileSync(file(), entries.map(entryLine).join(''), { mode: 0o600 })
const history = (...args: string[]): Promise<Ended> =>
  project.script('history', ['--stack', 'lab', ...args], { TZ: 'UTC' })

describe('npm run history', () => {
  it('says since when, how often, what ended it, and who logged in', async () => {
    fill(moved())
    const { code, out, err } = await history()
    expect([code, err]).toEqual([0, ''])
    // Where a line is divided depends on how long the days of these weeks are to say.
    const plain = out.replace(/\n +(?=last )/g, ' · ').replace(/((\d+ )?[A-Z][a-z]{2} )?\d\d:\d\d/g, 'TIME')
    expect(plain).toBe(`
hinata-z2 · looked at from TIME to TIME

  banks
    monzo      refresh dead since TIME · last good poll TIME
               6 times (flaps: 4 in a week), 3 days in all
    truelayer  healthy since TIME · last good poll TIME
               2 times, 3 days in all · last TIME to TIME, ended by a login

  not as wanted
  ! ct109 last poll monzo
      since TIME, for 2 days
      refresh token dead: HTTP 401, Bad refresh token, 2 days ago

  was not, and holds again
    ct109 container 109
      1 time, 6 hours in all · last TIME to TIME, mended by up
    ct109 timer bulma-poll-monzo.timer
      4 times (flaps: 3 in a week), 23 hours in all · last TIME to TIME, mended by up
    z2 token age tokens_truelayer.json
      1 time, 3 days in all · last TIME to TIME

  could not look
      2 times, 23 hours in all · last TIME to TIME
      connect to host 192.168.1.10: no route to host

  logins
    monzo      none noted
    truelayer  TIME

  mended by npm run up
    TIME    ct109 timer bulma-poll-monzo.timer
    TIME    ct109 container 109
    TIME       ct109 timer bulma-poll-monzo.timer

`)
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('prints one JSON document of the fields that its help tells', async () => {
    fill(moved())
    const { code, out } = await history('--json')
    const json = JSON.parse(out)
    const timer = json.invariants.find(({ id }: { id: string }) => id.endsWith('monzo.timer'))
    expect([code, json.badLines, json.repairs.length, json.told.length]).toEqual([0, 0, 3, 1])
    expect(timer).toMatchObject({ state: 'holds', times: 4, timesInWeek: 3, minutesOff: 23 * 60 })
    expect(timer.spells.at(-1)).toMatchObject({ by: 'up', state: 'differs', seen: 'no next run' })
    expect(json.banks[1].logins).toHaveLength(1)
    const { out: help } = await history('--help')
    const keysOf = (value: unknown): string[] =>
      value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, one]) => [
            ...(Array.isArray(value) ? [] : [key]),
            ...keysOf(one),
          ])
        : []
    for (const key of new Set(keysOf(json))) expect(help).toMatch(new RegExp(`\\b${key}\\b`))
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('of some days leaves out what was over before', async () => {
    fill(moved())
    const { out } = await history('--days', '3')
    expect(out).not.toContain('container 109')
    expect(out).toContain('refresh dead')
  })

  it('says what to do where nothing was looked at yet, and that is no failure', async () => {
    expect(await history()).toEqual({
      code: 0,
      out: 'nothing was looked at yet: npm run schedule -- install --stack lab\n',
      err: '',
    })
    const { code, out } = await history('--json')
    expect([code, JSON.parse(out)]).toMatchObject([0, { from: null, invariants: [], badLines: 0 }])
    fill(longHistory())
    expect((await history('--days', '1')).out).toMatch(/^(no look in the last 1 day: npm run|\nhinata)/)
  })

  it('counts lines that nobody can read, names the file, and leaves them in it', async () => {
    fill(moved())
    appendFileSync(file(), '{"v":2}\nnonsense\n{"v":1,"at":"20')
    const before = readFileSync(file(), 'utf8')
    const { code, out } = await history()
    expect(code).toBe(0)
    expect(out).toContain(`  2 lines cannot be read, and are kept as they are: ${file()}\n`)
    expect(readFileSync(file(), 'utf8')).toBe(before)
    expect(JSON.parse((await history('--json')).out).badLines).toBe(2)
  })

  it('writes no control character of a damaged file to the terminal', async () => {
    const [first, ...rest] = moved()
    const evil = rest.map((one) =>
      one.kind === 'look' && one.off.length > 0
        ? { ...one, off: one.off.map((off) => ({ ...off, id: `ct109/timer/\u001b[2Jx`, seen: 'a\u0007b' })) }
        : one,
    )
    fill([...(first ? [first] : []), ...evil])
    expect((await history()).out).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it.each([
    [['--days', '0'], '--days must be a whole number from 1 to 400'],
    [['monzo'], 'it takes no words, and there is "monzo"'],
    [['--nope'], "Unknown option '--nope'"],
  ])('refuses %j with 64', async (args, why) => {
    const { code, out, err } = await history(...args)
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain(`why:   ${why}`)
  })

  it('ends with 1 where the history cannot be read', async () => {
    mkdirSync(file())
    const { code, err } = await history()
    expect([code, err]).toEqual([1, expect.stringContaining('error: cannot read the history')])
  })
})

describe('npm run report', () => {
  const report = (...args: string[]): Promise<Ended> =>
    project.script('report', ['--stack', 'lab', ...args], { TZ: 'UTC', INIT_CWD: project.dir })

  it('writes one page beside the history, for its person alone, and says where', async () => {
    fill(moved())
    const path = join(folder(), 'lab.html')
    expect(await report()).toEqual({ code: 0, out: `${path}\n`, err: '' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const says = (words: string): boolean => readFileSync(path, 'utf8').includes(words)
    expect(says('<h1>hinata-z2 · ct109 bulma-finance</h1>')).toBe(true)
    expect(says('off 3 times')).toBe(true)
    expect((await report('--days', '60')).code).toBe(0)
    expect(says('off 4 times')).toBe(true)
    expect(readdirSync(folder()).sort()).toEqual(['lab.html', 'lab.jsonl'])
  })

  it('writes it to another file or to standard output, seen from where npm was started', async () => {
    fill(moved())
    const home = join(project.dir, '.lab')
    const args = ['--stack', 'lab', '--out', 'mine.html']
    const { out } = await project.script('report', args, { INIT_CWD: home })
    expect(out).toBe(`${home}/mine.html\n`)
    expect((await report('--out', '-')).out).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
  })

  it('writes a page where there is nothing yet too', async () => {
    expect((await report('--out', '-')).out).toContain('nothing was looked at yet')
  })

  it.each([
    ['--days=500', 64, '--days must be a whole number from 1 to 400'],
    ['--out=', 64, '--out needs the name of a file'],
    ['--out=no/such/folder/x.html', 1, 'the folder does not exist'],
    ['--out=.lab', 1, 'it is a folder'],
  ])('refuses %s with %i', async (arg, code, why) => {
    mkdirSync(join(project.dir, '.lab'), { recursive: true })
    const ended = await report(arg)
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toContain(`why:   ${why}`)
    expect(readdirSync(project.dir).filter((name) => name.includes('.new'))).toEqual([])
  })

  it('tells of itself in 80 columns', async () => {
    const { code, out } = await report('--help')
    expect([code, out.split('\n').filter((line) => line.length > 80)]).toEqual([0, []])
  })
})
