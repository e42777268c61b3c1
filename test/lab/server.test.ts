import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from '../../lab/fault/catalogue.ts'
import { readCount, resetCount } from '../../lab/sim/count.ts'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendAll, plantFaults } from '../../lab/sim/plant.ts'
import { run, ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

// a space and a percent sign in the path: both mean something in ssh_config
const folder = temporaryFolder('a checkout, 100%')
const place = placeAt(folder)
const plant = (...names: string[]) => plantFaults(place, findFaults(names).found)

beforeAll(() => startLab(place))
afterEach(() => mendAll(place))
afterAll(async () => {
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

test('a command runs with the checkout as its folder and ends with its own exit code', async () => {
  const { code, stdout } = await ssh(place, 'pwd; exit 37')
  expect({ code, stdout }).toEqual({ code: 37, stdout: `${folder}\n` })
})

test('a command that a signal ends is no success', async () => {
  expect((await ssh(place, 'kill -TERM $$')).code).toBe(255)
})

test('standard input, binary output and standard error come through whole and apart', async () => {
  const bytes = randomBytes(3_000_000)
  const { out, stderr, code } = await ssh(place, 'cat; echo beside >&2', bytes)
  expect(out.equals(bytes)).toBe(true)
  expect({ stderr, code }).toEqual({ stderr: 'beside\n', code: 0 })
})

test('much on both outputs at once comes through whole', async () => {
  const { out, stderr } = await ssh(place, 'yes out | head -c 4000000 & yes err | head -c 4000000 >&2; wait')
  expect([out.length, stderr.length]).toEqual([4_000_000, 4_000_000])
})

test('a command that does not read its input still ends', async () => {
  expect((await ssh(place, 'exec true', randomBytes(500_000))).code).toBe(0)
})

test('the environment is that of root on Z2, not that of who started the lab', async () => {
  const { stdout } = await ssh(place, 'env')
  const names = stdout.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? [])
  expect(names.sort()).toEqual(['HOME', 'LOGNAME', 'PATH', 'PWD', 'SHELL', 'USER'])
})

test('one connection, one session and one pct exec are counted as such', async () => {
  resetCount(place)
  await ssh(place, 'pct status 109; pct exec 109 -- true')
  expect(readCount(place)).toEqual({ connections: 1, sessions: 1, pctExecs: 1, pctExecElsewhere: 0 })
})

test('ten sessions share a connection, an eleventh is refused', async () => {
  const socket = join(folder, 'm')
  const shared = ['-o', `ControlPath="${socket.replaceAll('%', '%%')}"`]
  const master = run('ssh', ['-F', place.sshConfig, ...shared, '-o', 'ControlMaster=yes', '-N', 'hinata-z2'])
  while (!existsSync(socket)) await wait(20)
  resetCount(place)
  const ten = Array.from({ length: 10 }, () => ssh(place, 'cat; sleep 1', '', ...shared))
  await wait(500)
  // without a master to fall back on: what is refused is not tried on a connection of its own
  const eleventh = await ssh(place, 'true', '', ...shared, '-o', 'ControlMaster=no', '-o', 'Port=1')
  expect((await Promise.all(ten)).map(({ code }) => code)).toEqual(Array(10).fill(0))
  expect(eleventh.code).toBe(255)
  expect(readCount(place)).toMatchObject({ connections: 0, sessions: 10 })
  await run('ssh', ['-F', place.sshConfig, ...shared, '-O', 'exit', 'hinata-z2'])
  await master
})

test('nobody else is let in', async () => {
  const elsewhere = temporaryFolder('stranger')
  const other = join(elsewhere, 'key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
  const stranger = [
    '-F',
    '/dev/null',
    '-i',
    other,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'StrictHostKeyChecking=no',
  ]
  const known = [
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'BatchMode=yes',
    '-p',
    port(),
    'root@127.0.0.1',
    'true',
  ]
  expect((await run('ssh', [...stranger, ...known])).stderr).toContain('Permission denied')
  rmSync(elsewhere, { recursive: true })
  expect((await ssh(place, 'true', '', '-l', 'somebody')).stderr).toContain('Permission denied')
})

test('a client that goes away loses its pipes; the command goes on, until the lab is down', async () => {
  const mark = join(folder, 'mark')
  writeFileSync(mark, '')
  const command = `trap '' PIPE; while [ -e '${mark}' ]; do sleep 0.05; done; echo gone > '${mark}.seen'`
  const timed = await run('timeout', ['0.5', 'ssh', '-F', place.sshConfig, 'hinata-z2', command])
  expect(timed.code).toBe(124)
  rmSync(mark)
  await wait(400)
  expect(readFileSync(`${mark}.seen`, 'utf8')).toBe('gone\n')
})

test('port-refused: the connection is refused, a live one is dropped, and the port comes back', async () => {
  await plant('port-refused')
  const refused = await ssh(place, 'true')
  expect(refused.code).toBe(255)
  expect(refused.stderr).toContain('Connection refused')
  await mendAll(place)
  expect((await ssh(place, 'true')).code).toBe(0)
})

test('host-key: ssh refuses the host', async () => {
  await plant('host-key')
  const { code, stderr } = await ssh(place, 'true')
  expect(code).toBe(255)
  expect(stderr).toContain('Host key verification failed')
})

test('noisy-shell: a greeting comes before the output, on both streams', async () => {
  await plant('noisy-shell')
  const { stdout, stderr } = await ssh(place, 'echo mine')
  expect(stdout).toMatch(/^Linux hinata-z2.*\n.*\nmine\n$/)
  expect(stderr).toContain('stty')
})

test('cut-output: the output ends in the middle and there is no exit status', async () => {
  await plant('cut-output')
  const { code, out } = await ssh(place, 'seq 1 2000; exit 3')
  expect({ code, length: out.length }).toEqual({ code: 255, length: 900 })
})

test('black-hole: the connection is taken and never answered', async () => {
  await plant('black-hole')
  const { code, stderr } = await ssh(place, 'true', '', '-o', 'ConnectTimeout=1')
  expect(code).toBe(255)
  expect(stderr).toMatch(/timed out/)
})

const port = (): string => String((JSON.parse(readFileSync(place.record, 'utf8')) as { port: number }).port)
