import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { readCount, resetCount } from '../../lab/count.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { takeFileLock } from '../../lib/io/watch/file-lock.ts'
import { parseHistory } from '../../lib/watch/entry.ts'
import type { Status } from '../../lib/watch/status.ts'
import { untimed } from '../clock-time.ts'
import { Receiver } from '../watch/receiver.ts'
import { clearLogins, plantLease } from './login-note.ts'
import { type Ended, newProject, type Project } from './project.ts'

// `npm run status` and the looks of the schedule, as a person meets them. No engine, and no bank.

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
})
afterEach(async () => {
  await project.lab('mend')
  await clearLogins(project)
})
afterAll(async () => {
  await receiver.stop()
  await project.end()
})
beforeEach(() => {
  rmSync(join(project.dir, '.lab/history'), { recursive: true, force: true })
  receiver.got.length = 0
  receiver.answer = { status: 200 }
})

const status = (...args: string[]): Promise<Ended> => project.script('status', ['--stack', 'lab', ...args])
const look = (): Promise<Ended> => project.script('watch', ['--stack', 'lab'])
const historyFile = (): string => join(project.dir, '.lab/history/lab.jsonl')
const kinds = (): string[] =>
  parseHistory(readFileSync(historyFile(), 'utf8')).entries.map(({ kind }) => kind)
const undated = (text: string): string =>
  untimed(text)
    .replace(/\d+\.\d s/, 'N s')
    .replace(/to \d+ \w+( \d+)?, \d+/g, 'to DAY, N')
    .replace(/from \d+ \w+( \d+)?/g, 'from DAY')
const told = (): { title: string; message: string }[] => receiver.got.map(({ body }) => JSON.parse(body))

describe('npm run status', () => {
  it('says of a healthy world that there is nothing to do', async () => {
    const { code, out, err } = await status()
    expect([code, err]).toEqual([0, ''])
    expect(undated(out).replace(/\n {32}log/, ' · log')).toBe(`
hinata-z2 · ct109 bulma-finance · 21 hold · looked HH:MM, N s

  monzo      healthy            last good poll HH:MM · next HH:MM
  truelayer  healthy            last good poll HH:MM · next HH:MM
                                consent to DAY, N days · log in from DAY

  nothing to do

  nothing looks by itself yet: npm run schedule -- install --stack lab

`)
    expect(kinds()).toEqual(['look'])
  })

  it.each<[number, string[], RegExp[]]>([
    [2, ['timer-stopped-truelayer'], [/truelayer {2}timer stopped/, /npm run up -- --stack lab +mends it/]],
    [4, ['poll-dead-monzo'], [/monzo {6}refresh dead/, /npm run reauth -- monzo --stack lab/]],
    [
      3,
      ['port-refused'],
      [/cannot look at hinata-z2/, /Connection refused/, /ssh -F \.lab\/ssh_config hinata-z2 true/],
    ],
    [3, ['pct-missing'], [/monzo {6}unknown/, /1 not looked at/]],
  ])('ends with %i for %j, as drift does', async (code, faults, says) => {
    await project.lab('break', ...faults)
    const seen = await status()
    expect(seen.code).toBe(code)
    for (const words of says) expect(seen.out).toMatch(words)
    const drift = await project.script('drift', ['--stack', 'lab'])
    expect(drift.code).toBe(code)
  })

  it('prints one JSON document of the fields that its help tells', async () => {
    await project.lab('break', 'timer-stopped-truelayer')
    const { code, out } = await status('--json')
    const json = JSON.parse(out) as Status
    const { out: help } = await status('--help')
    const keys = [
      ...Object.keys(json),
      ...json.banks.flatMap((bank) => Object.keys(bank)),
      ...Object.keys(json.drift ?? {}),
    ]
    const shown = [
      ...keys,
      ...Object.keys(json.watched),
      ...(json.drift?.off.flatMap((off) => Object.keys(off)) ?? []),
    ]
    // What the doctor says of a bank is told by its own help.
    const doctors = ['bank', 'verdict', 'what', 'why', 'dont', 'runbook', 'hanging']
    for (const key of shown.filter((one) => !doctors.includes(one)))
      expect(help).toMatch(new RegExp(`\\b${key}\\b`))
    expect([code, json.exitCode, json.next[0]?.command]).toEqual([2, 2, 'npm run up -- --stack lab'])
    expect(json.banks[1]?.consent).toMatchObject({ isNamed: false, daysLeft: expect.any(Number) })
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it.each([
    [['--nope'], "Unknown option '--nope'"],
    [['monzo'], 'it takes no words, and there is "monzo"'],
    [['--every', '5'], '--every is the time between two looks of --watch'],
    [['--watch', '--every', '90'], '--every must be a whole number from 2 to 50'],
  ])('refuses %j with 64', async (args, why) => {
    const { code, out, err } = await status(...args)
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain(`why:   ${why}`)
  })

  it('shows what it sees, and says what is wrong, where the history cannot be used', async () => {
    mkdirSync(join(project.dir, '.lab/history'), { mode: 0o777 })
    chmodSync(join(project.dir, '.lab/history'), 0o777)
    const { code, out, err } = await status()
    expect(code).toBe(0)
    expect(out).toContain('21 hold')
    expect(err).toMatch(/cannot write the history .*\nwhy: {3}its folder can be written to by others\n/)
  })
})

describe('npm run status -- --watch', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
  /** Runs it without a terminal; `until` waits for a text. */
  const live = (...args: string[]) => {
    const argv = [
      join(project.dir, 'scripts/status.ts'),
      '--stack',
      'lab',
      '--watch',
      '--every',
      '2',
      ...args,
    ]
    const child = spawn(process.execPath, argv, { cwd: project.dir, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
    })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const until = async (wanted: (text: string) => boolean): Promise<string> => {
      for (const endMs = Date.now() + 60_000; !wanted(out); ) {
        if (Date.now() > endMs) throw new Error(`waited in vain: ${out}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return out
    }
    return { child, ended, until, out: () => out }
  }

  it('writes a screen to a pipe when something has changed, over one connection, until it is ended', async () => {
    const place = placeAt(project.dir, '.lab')
    await project.run('ssh', [
      '-F',
      '.lab/ssh_config',
      '-o',
      'ControlPath=~/.ssh/bulma-%C',
      '-O',
      'exit',
      'hinata-z2',
    ])
    resetCount(place)
    const { child, ended, until, out } = live()
    await until((text) => text.includes('21 hold'))
    const sessions = readCount(place).sessions
    for (; readCount(place).sessions < sessions + 2; )
      await new Promise((resolve) => setTimeout(resolve, 100))
    expect(out().match(/ct109 bulma-finance/g)).toHaveLength(1)
    await project.lab('break', 'timer-disabled-monzo')
    await until((text) => text.includes('timer stopped'))
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(out().match(/ct109 bulma-finance/g)).toHaveLength(2)
    expect(out()).not.toContain('\u001b')
    expect(readCount(place).connections).toBe(1)
    expect(kinds()).toEqual(['look', 'look'])
  })

  it('writes one JSON document a line, each look, and ends when its reader does', async () => {
    const { child, ended, until } = live('--json')
    const text = await until((all) => all.split('\n').length > 2)
    expect(
      text
        .trimEnd()
        .split('\n')
        .slice(0, 2)
        .map((line) => JSON.parse(line).exitCode),
    ).toEqual([0, 0])
    child.stdout?.destroy()
    expect(await ended).toBe(0)
  })
})

describe('a look of the schedule', () => {
  it('tells of a dead token once, with the command, and once that it is well', async () => {
    const first = await look()
    expect([first.code, first.err, told()]).toEqual([0, '', []])
    await project.lab('break', 'poll-dead-monzo')
    expect((await look()).code).toBe(4)
    expect((await look()).code).toBe(4)
    expect(told()).toEqual([
      {
        topic: 'topic',
        title: 'monzo: refresh dead',
        message: 'HTTP 401, Bad refresh token, 4 minutes ago\nnpm run reauth -- monzo --stack lab',
        priority: 4,
      },
    ])
    await project.lab('mend')
    const last = await look()
    await look()
    expect(last.out).toMatch(/told by ntfy: all as wanted again\n$/)
    expect(told().map(({ title }) => title)).toEqual(['monzo: refresh dead', 'all as wanted again'])
    expect(kinds()).toEqual(['look', 'look', 'told', 'look', 'look', 'told', 'look'])
  })

  it('tells of a Z2 that is not there after the third look in a row', async () => {
    await project.lab('break', 'port-refused')
    const looks = [await look(), await look(), await look(), await look()]
    expect(looks.map(({ code }) => code)).toEqual([3, 3, 3, 3])
    expect(told().map(({ title }) => title)).toEqual(['cannot look at hinata-z2'])
    expect(told()[0]?.message).toContain('Connection refused\nssh -F .lab/ssh_config hinata-z2 true')
  })

  it('leaves a login in peace', async () => {
    await project.lab('break', 'timer-stopped-monzo')
    await plantLease(project, 'monzo', 60)
    await look()
    expect(told()).toEqual([])
    await clearLogins(project)
    await look()
    expect(told().map(({ title }) => title)).toEqual(['monzo: timer stopped'])
  })

  it('tells again what could not be delivered, and only until it is', async () => {
    await project.lab('break', 'container-stopped')
    receiver.answer = { status: 500 }
    const failed = await look()
    expect(failed.err).toBe('not told by ntfy: HTTP 500. the next look tries again\n')
    receiver.answer = { status: 200 }
    await look()
    await look()
    expect(told().map(({ title }) => title)).toEqual(
      Array(2).fill('ct109 container 109: stopped, starts on boot'),
    )
  })

  it('steps back while another is under way', async () => {
    await look()
    const release = takeFileLock(join(project.dir, '.lab/history/.lab.look.lock'), 0)
    const { code, out } = await look()
    release?.()
    expect([code, kinds()]).toEqual([0, ['look']])
    expect(out).toMatch(/another look of the schedule is under way\n$/)
  })

  it('tells all the same where the history cannot be written', async () => {
    await project.lab('break', 'poll-dead-truelayer')
    mkdirSync(join(project.dir, '.lab/history'))
    mkdirSync(historyFile())
    const { code, err } = await look()
    expect([code, told()[0]?.title]).toEqual([4, 'truelayer: refresh dead'])
    expect(err).toContain('why:   it is not a file\n')
  })

  it('keeps no secret in its history, and sends none', async () => {
    await project.lab('break', 'poll-dead-truelayer', 'transit-monzo')
    await look()
    const files = ['tokens_monzo.json', 'tokens_truelayer.json', 'monzo_credentials.json']
    const texts = await Promise.all(
      files.map(async (file) => (await project.ssh(`cat .lab/z2/mnt/data/hinata/data/bulma/${file}`)).out),
    )
    const secrets = texts.flatMap((text) =>
      Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(([key, value]) =>
        /token|secret|client_id/.test(key) && typeof value === 'string' && value.length > 8 ? [value] : [],
      ),
    )
    expect(secrets.length).toBeGreaterThan(4)
    const written = readFileSync(historyFile(), 'utf8') + receiver.got.map(({ body }) => body).join()
    expect(secrets.filter((secret) => written.includes(secret))).toEqual([])
  })

  it('keeps the log that launchd writes from growing for ever', async () => {
    const log = join(project.dir, '.lab/watch.log')
    writeFileSync(log, 'x'.repeat(1_000_001))
    await project.script('watch', ['--stack', 'lab', '--log', log])
    expect(readFileSync(`${log}.1`, 'utf8')).toHaveLength(1_000_001)
  })
})
