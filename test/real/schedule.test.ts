import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseHistory } from '../../lib/watch/entry.ts'
import { type Ended, newProject, type Project } from '../e2e/project.ts'
import { listing } from '../watch/fake-scheduler.ts'
import { Receiver } from '../watch/receiver.ts'
import { UserManager } from './user-manager.ts'

// The schedule with a real systemd of a person's own, against the real Z2: installed, run, told once, made up for, removed.

const timer = 'bulma-watch-lab.timer'
const service = 'bulma-watch-lab.service'
const person = new UserManager()
let project: Project
let receiver: Receiver

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
  receiver = await Receiver.start()
  const path = join(project.dir, 'Pulumi.lab.yaml')
  const stack = parse(readFileSync(path, 'utf8')) as { config: Record<string, unknown> }
  const notify = { desktop: false, ntfy: `${receiver.origin}/topic` }
  stack.config['bulma:watch'] = { historyDir: '.lab/history', notify }
  writeFileSync(path, stringify(stack))
  await person.start()
})
afterAll(async () => {
  await person.stop()
  rmSync(person.home, { recursive: true, force: true })
  await receiver.stop()
  await project.end()
})

const schedule = (...args: string[]): Promise<Ended> =>
  project.script('schedule', [...args, '--stack', 'lab'], person.env)
const titles = (): string[] => receiver.got.map(({ body }) => (JSON.parse(body) as { title: string }).title)
const looks = (): number =>
  parseHistory(readFileSync(join(project.dir, '.lab/history/lab.jsonl'), 'utf8')).entries.filter(
    ({ kind }) => kind === 'look',
  ).length

it('is installed, tells a dead token once and that it is well once, makes up for what it missed, and leaves no trace', async () => {
  const installed = await schedule('install')
  expect([installed.code, installed.err]).toEqual([0, ''])
  expect(installed.out).toMatch(/\nfirst look: monzo healthy, truelayer healthy, all as wanted\n$/)
  expect([await person.ask('is-enabled', timer), await person.ask('is-active', timer)]).toEqual([
    'enabled',
    'active',
  ])

  await project.lab('break', 'poll-dead-monzo')
  await person.ask('start', service)
  await person.ask('start', service)
  expect(titles()).toEqual(['monzo: refresh dead'])
  // A person who is needed is what it looks for, no failure of its own.
  const ended = await person.ask('show', service, '-p', 'Result', '-p', 'ExecMainStatus')
  expect(ended?.split('\n').sort()).toEqual(['ExecMainStatus=4', 'Result=success'])
  await project.lab('mend')
  await person.ask('start', service)
  expect(titles()).toEqual(['monzo: refresh dead', 'all as wanted again'])

  await person.stop()
  const stamp = join(person.home, '.local/share/systemd/timers', `stamp-${timer}`)
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000)
  utimesSync(stamp, hoursAgo, hoursAgo)
  const seen = looks()
  await person.start()
  await expect.poll(looks, { timeout: 60_000 }).toBe(seen + 1)

  expect((await schedule('show')).code).toBe(0)
  expect((await schedule('remove')).code).toBe(0)
  // systemd itself has made the folders that every home has.
  const usual = (path: string): boolean =>
    path.startsWith('.run') || ['.local', '.local/share'].includes(path)
  expect(listing(person.home).filter((path) => !usual(path))).toEqual([])
  expect(await person.ask('is-enabled', timer)).toBeNull()
})
