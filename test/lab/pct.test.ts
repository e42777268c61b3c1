import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findFaults } from '../../lab/fault/catalogue.ts'
import { buildLab } from '../../lab/sim/build.ts'
import { readCount, resetCount } from '../../lab/sim/count.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendAll, plantFaults } from '../../lab/sim/plant.ts'
import { temporaryFolder } from './temporary-folder.ts'

// Words and exit codes as in the source of pve-container.

const folder = temporaryFolder('pct')
const place = placeAt(folder, 'lab')
const conf = join(place.roots.z2, 'etc/pve/lxc/109.conf')

function pct(...words: string[]) {
  const PATH = `${join(place.bin, 'z2')}:${join(place.bin, 'system')}`
  const { status, stdout, stderr } = spawnSync('pct', words, {
    env: { PATH, SECRET_OF_HOST: '1' },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const said = (stdout: string) => ({ status: 0, stdout, stderr: '' })
const died = (stderr: string) => ({ status: 255, stdout: '', stderr: `${stderr}\n` })
const plant = (...names: string[]) => plantFaults(place, findFaults(names).found)

beforeAll(() => buildLab(place))
beforeEach(() => mendAll(place))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('status, list and config print what the real one prints', () => {
  expect(pct('status', '109')).toEqual(said('status: running\n'))
  expect(pct('list').stdout).toBe(
    'VMID       Status     Lock         Name                \n' +
      '103        running                 itachi              \n' +
      '109        running                 bulma-finance       \n',
  )
  expect(pct('config', '109').stdout.split('\n').slice(0, 4)).toEqual([
    'arch: amd64',
    'cores: 2',
    'features: nesting=1',
    'hostname: bulma-finance',
  ])
})

test('exec passes on exit code, output and input of the command', () => {
  expect(pct('exec', '109', '--', 'sh', '-c', 'echo out; echo err >&2; exit 12')).toEqual({
    status: 12,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  expect(pct('exec', '109', 'true')).toEqual(said(''))
  expect(pct('exec', '109', '--', 'nosuch')).toMatchObject({
    status: 127,
    stderr: expect.stringContaining('Failed to exec "nosuch"'),
  })
})

test("the host's environment leaks into the container unless --keep-env 0 is given", () => {
  expect(pct('exec', '109', '--', 'env').stdout).toContain('SECRET_OF_HOST=1')
  for (const flag of [['--keep-env', '0'], ['--keep-env=0']]) {
    expect(pct('exec', '109', ...flag, '--', 'env').stdout).not.toContain('SECRET_OF_HOST')
  }
})

test('a container that is not there, or elsewhere, has no configuration file', async () => {
  const absent = died("Configuration file 'nodes/hinata-z2/lxc/109.conf' does not exist")
  expect(pct('status', '110')).toEqual(
    died("Configuration file 'nodes/hinata-z2/lxc/110.conf' does not exist"),
  )
  await plant('container-other-node')
  for (const verb of ['status', 'config', 'start']) expect(pct(verb, '109')).toEqual(absent)
  expect(pct('exec', '109', '--', 'true')).toEqual(absent)
})

test('a stopped container runs nothing and can be started once', async () => {
  await plant('container-stopped')
  expect(pct('status', '109')).toEqual(said('status: stopped\n'))
  expect(pct('exec', '109', '--', 'true')).toEqual(died("container '109' not running!"))
  expect(pct('stop', '109')).toEqual(died('CT 109 not running'))
  expect(pct('start', '109')).toEqual(said(''))
  expect(pct('start', '109')).toEqual(died('CT 109 already running'))
})

describe('while a backup holds the lock', () => {
  test.each([
    ['stop', '109'],
    ['shutdown', '109'],
    ['reboot', '109'],
    ['set', '109', '-onboot', '1'],
  ])('%s is refused and changes nothing', async (...words) => {
    await plant('container-locked')
    const before = readFileSync(conf, 'utf8')
    expect(pct(...words)).toEqual(died('CT is locked (backup)'))
    expect(readFileSync(conf, 'utf8')).toBe(before)
  })

  test('start is refused, exec is not', async () => {
    await plant('container-stopped-locked')
    expect(pct('start', '109')).toEqual(died('CT is locked (backup)'))
    await mendAll(place)
    await plant('container-locked')
    expect(pct('exec', '109', '--', 'true')).toEqual(said(''))
    expect(pct('list').stdout).toContain('109        running    backup       bulma-finance')
  })
})

test('set changes the current values and leaves the snapshots alone', () => {
  const [, snapshots] = readFileSync(conf, 'utf8').split(/(?=^\[)/m)
  expect(pct('set', '109', '-onboot', '0')).toEqual(said(''))
  expect(pct('config', '109').stdout).toContain('onboot: 0\n')
  expect(readFileSync(conf, 'utf8').split(/(?=^\[)/m)[1]).toBe(snapshots)
  expect(pct('set', '109', '--onboot', '1')).toEqual(said(''))
  expect(pct('set', '109', '-onboot', 'maybe').status).toBe(255)
})

test('a bind mount that was configured is there after a restart', async () => {
  await plant('bind-mount-missing')
  const folderInside = join(place.roots.ct109, 'root/data/bulma')
  expect(pct('set', '109', '-mp0', '/mnt/data/hinata/data/bulma,mp=/root/data/bulma')).toEqual(said(''))
  expect(realpathSync(folderInside)).toBe(folderInside)
  expect(pct('reboot', '109')).toEqual(said(''))
  expect(realpathSync(folderInside)).toBe(join(place.roots.z2, 'mnt/data/hinata/data/bulma'))
  expect(readFileSync(join(place.roots.ct109, 'proc/self/mountinfo'), 'utf8')).toContain(
    ' /hinata/data/bulma /root/data/bulma rw',
  )
})

test('a container cannot start while the folder that it mounts is not there', async () => {
  await plant('container-stopped', 'host-mount-missing')
  expect(pct('start', '109')).toMatchObject({
    status: 255,
    stderr: expect.stringContaining("startup for container '109' failed"),
  })
})

test('after a restart the enabled timers run, and what was enabled until the next boot does not', async () => {
  await plant('timer-runtime-monzo', 'timer-stopped-truelayer')
  pct('reboot', '109')
  const is = (timer: string) => pct('exec', '109', '--', 'systemctl', 'is-active', timer).stdout
  expect(is('bulma-poll-truelayer.timer')).toBe('active\n')
  expect(is('bulma-poll-monzo.timer')).toBe('inactive\n')
})

test('a timer that counts from its last poll goes on counting when the container was restarted and nothing has polled since', async () => {
  pct('reboot', '109')
  writeFileSync(join(place.roots.ct109, 'run/sim/boot'), String(Math.floor(Date.now() / 1000) - 600))
  const show = ['systemctl', 'show', 'bulma-poll-truelayer.timer', '-p', 'NextElapseUSecMonotonic']
  expect(pct('exec', '109', '--', ...show).stdout).toMatch(/^NextElapseUSecMonotonic=\d/)
})

test('what is asked of another container is counted apart and refused', () => {
  resetCount(place)
  expect(pct('exec', '103', '--', 'true').status).toBe(255)
  expect(readCount(place)).toMatchObject({ pctExecs: 1, pctExecElsewhere: 1 })
})
