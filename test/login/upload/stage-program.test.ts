import { spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { findProgram } from '../../../lab/sim/program.ts'
import { parseStageReply, type StageAct, stageCommand } from '../../../lib/login/ssh-stage.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'

const program = readFileSync(join(import.meta.dirname, '../../../lib/login/ssh-stage.pl'), 'utf8')
const folder = temporaryFolder("it's staging, 100%")
const staging = join(folder, 'staging')
const file = join(staging, 'monzo.tokens')
const me = process.getuid?.() ?? 0
const secret = 'canary-of-the-program-test'
const put = (bytes: number): StageAct => ({ act: 'put', name: 'monzo.tokens', bytes })
const commandOf = (act: StageAct, owners = [me]): string => stageCommand(act, staging, owners, program)

beforeEach(() => {
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging, { mode: 0o700 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (act: StageAct, input = '', shell = 'sh', owners = [me]) => {
  // fish chooses a locale where none is set, which may be one that this machine does not have: perl then warns.
  const env = { ...process.env, LC_ALL: 'C' }
  const { stdout, stderr } = spawnSync(shell, ['-c', commandOf(act, owners)], {
    input,
    encoding: 'utf8',
    env,
  })
  expect(stderr).toBe('')
  return parseStageReply(stdout)
}

for (const shell of ['sh', 'bash', 'dash', 'zsh', 'fish'].filter((name) => findProgram(name) !== undefined)) {
  it(`a login shell that is ${shell} passes it on as it is`, () => {
    expect(run(put(6), 'a\\b\'"\n', shell)).toEqual({ ok: true })
    expect(readFileSync(file, 'utf8')).toBe('a\\b\'"\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
}

it('the mode is 0600 whatever the umask of the shell', () => {
  const command = `umask 0277; ${commandOf(put(1))}`
  expect(parseStageReply(spawnSync('sh', ['-c', command], { input: 'x', encoding: 'utf8' }).stdout)).toEqual({
    ok: true,
  })
  expect(statSync(file).mode & 0o7777).toBe(0o600)
})

it('the content is not in the command', () => {
  expect(
    Buffer.from(commandOf(put(secret.length)).split(' ').at(-1) ?? '', 'base64').toString(),
  ).not.toContain(secret)
})

it('takes as many bytes as it was told, and neither fewer nor more', () => {
  expect(run(put(3), 'abcdef')).toEqual({ ok: true })
  expect(readFileSync(file, 'utf8')).toBe('abc')
  expect(run(put(9), 'abcdef')).toEqual({ ok: false, no: 'cut', why: 'the connection was cut' })
  expect(existsSync(file)).toBe(false)
})

it('replaces a file whose second name lies elsewhere, and that keeps what it has', () => {
  writeFileSync(join(folder, 'other'), 'precious')
  linkSync(join(folder, 'other'), file)
  expect(run(put(3), 'new')).toEqual({ ok: true })
  expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('precious')
})

it("refuses a folder that is neither root's nor one of the owners'", () => {
  if (me === 0) chownSync(staging, 4242, 4242)
  const uid = me === 0 ? 4242 : me
  expect(run({ act: 'look', name: '' }, '', 'sh', [])).toEqual({
    ok: false,
    no: 'folder',
    why: `belongs to uid ${uid}, not to root`,
  })
})

it('one that is cut late takes away its own part and not the file of a later attempt', async () => {
  const slow = spawn('sh', ['-c', commandOf(put(100))], { stdio: ['pipe', 'ignore', 'ignore'] })
  slow.stdin.write('a part')
  while (!existsSync(file) || statSync(file).size === 0) await wait(10)
  // what a later attempt does: it takes the part away and makes its own
  renameSync(file, join(folder, 'part'))
  expect(run(put(3), 'new')).toEqual({ ok: true })
  const gone = new Promise((done) => slow.once('exit', done))
  slow.stdin.end()
  await gone
  expect(readFileSync(file, 'utf8')).toBe('new')
})

it('outlives the loss of its terminal for as long as it takes to take a part away', async () => {
  const slow = spawn('sh', ['-c', commandOf(put(100))], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  slow.stdin.write('a part')
  while (!existsSync(file) || statSync(file).size === 0) await wait(10)
  if (slow.pid !== undefined) process.kill(-slow.pid, 'SIGHUP')
  slow.stdout.destroy()
  await wait(100)
  slow.stdin.end()
  for (let left = 100; existsSync(file) && left > 0; left--) await wait(20)
  expect(existsSync(file)).toBe(false)
})
