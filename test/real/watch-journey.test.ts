import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { type LoginPlace, loginPlace } from '../e2e/login-place.ts'
import { logsIn } from '../e2e/person.ts'
import { Receiver } from '../watch/receiver.ts'
import { UserManager } from './user-manager.ts'

// A person's months in a minute: the schedule looks, a bank kills a token, somebody is told, logs in, is told that it is well;
// a timer stops, somebody is told, `up` repairs it; and the history and the report know all of it.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const service = 'bulma-watch-lab.service'
const manager = new UserManager()
let place: LoginPlace
let receiver: Receiver

beforeAll(async () => {
  place = await loginPlace({ recorded: true })
  receiver = await Receiver.start()
  const path = join(place.project.dir, 'Pulumi.lab.yaml')
  const stack = parse(readFileSync(path, 'utf8')) as { config: Record<string, unknown> }
  const notify = { desktop: false, ntfy: `${receiver.origin}/topic` }
  stack.config['bulma:watch'] = { historyDir: '.lab/history', notify }
  writeFileSync(path, stringify(stack))
  await manager.start()
})
afterAll(async () => {
  await manager.stop()
  rmSync(manager.home, { recursive: true, force: true })
  await receiver.stop()
  await place.end()
})

type Told = { title: string; message: string; priority?: number }
const told = (): Told[] => receiver.got.map(({ body }) => JSON.parse(body) as Told)
const titles = (): string[] => told().map(({ title }) => title)
const schedule = (...args: string[]) =>
  place.project.script('schedule', [...args, '--stack', 'lab'], manager.env)
const looks = async (times: number): Promise<void> => {
  for (let nth = 0; nth < times; nth++) {
    // systemd refuses a sixth start within ten seconds, which are hours here.
    await manager.ask('reset-failed', service)
    await manager.ask('start', service)
  }
}

it('is told once of a dead token and once that it is well, and can look back on all of it', async () => {
  const installed = await schedule('install')
  expect([installed.code, installed.err]).toEqual([0, ''])

  await place.dies('monzo')
  await looks(2)
  expect(told()).toEqual([
    {
      topic: 'topic',
      title: 'monzo: refresh dead',
      message: expect.stringMatching(
        /^HTTP 401, Bad refresh token, \d+ minutes? ago\nnpm run reauth -- monzo --stack lab$/,
      ),
      priority: 4,
    },
  ])

  await place.knob('monzo', { approve: 500 })
  const person = place.person('reauth', 'monzo')
  const page = logsIn(await person.address())
  // Somebody is at work on it: a look that comes now leaves them in peace.
  await looks(1)
  await person.answers(/the right one\? type yes/, 'yes')
  expect(await page).toBe('monzo login finished')
  expect(await person.end(), person.shown).toBe(0)
  await looks(2)
  expect(titles()).toEqual(['monzo: refresh dead', 'all as wanted again'])
  expect(told().at(-1)?.message).toMatch(
    /^hinata-z2 · 21 hold\nover: monzo: refresh dead\ntold of it \d\d:\d\d$/,
  )

  await place.project.lab('break', 'timer-disabled-truelayer')
  await looks(2)
  expect(titles().slice(2)).toEqual(['truelayer: timer stopped'])
  expect(told().at(-1)?.message).toContain('npm run up -- --stack lab')
  expect((await place.project.script('up', ['--stack', 'lab', '--yes'])).code).toBe(0)
  await looks(2)
  expect(titles().slice(3)).toEqual(['all as wanted again'])

  const history = await place.project.script('history', ['--stack', 'lab'])
  expect([history.code, history.err]).toEqual([0, ''])
  expect(history.out).toMatch(/\n {4}monzo {6}healthy since \d\d:\d\d/)
  expect(history.out).toMatch(/\n {15}1 time, .* ended by a login\n/)
  expect(history.out).toMatch(/\n {2}logins\n {4}monzo {6}\d\d:\d\d\n/)
  expect(history.out).toMatch(/timer bulma-poll-truelayer\.timer\n {6}1 time, .* mended by up\n/)
  expect(history.out).toMatch(
    /mended by npm run up\n {4}\d\d:\d\d +ct109 timer bulma-poll-truelayer\.timer\n/,
  )
  // What the login stopped on purpose was never off.
  expect(history.out).not.toContain('bulma-poll-monzo.timer')
  const report = await place.project.script('report', ['--stack', 'lab'])
  expect([report.code, report.err]).toEqual([0, ''])
  const written = readFileSync(report.out.trim(), 'utf8')
  for (const words of ['ended by a login', 'mended by up', 'monzo: refresh dead (ntfy)'])
    expect(written.includes(words), words).toBe(true)
  if (process.env.BULMA_SHOTS) {
    writeFileSync(join(process.env.BULMA_SHOTS, 'journey.html'), written)
    writeFileSync(
      join(process.env.BULMA_SHOTS, 'journey.txt'),
      `${history.out}\n${JSON.stringify(told(), null, 1)}`,
    )
  }

  expect((await schedule('remove')).code).toBe(0)
})
