import { spawn, spawnSync } from 'node:child_process'
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

// timeout, flock and `stat -c` for systems without them.

const standIns = join(import.meta.dirname, '../../lab/sim/stand-in/missing')
const folder = temporaryFolder('missing')
const lock = join(folder, 'lock')
writeFileSync(join(folder, 'file'), 'text', { mode: 0o640 })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const call = (program: string, words: string[]) => {
  const { status, signal, stdout } = spawnSync(join(standIns, program), words, {
    encoding: 'utf8',
    cwd: folder,
    input: 'in',
  })
  return { end: signal ?? status, stdout }
}

// what coreutils 9.1 and util-linux 2.38 do with the same words
test.each([
  ['timeout', ['5', 'cat'], 0, 'in'],
  ['timeout', ['-k', '1', '5', 'sh', '-c', 'echo out; exit 9'], 9, 'out\n'],
  ['timeout', ['0.3', 'sleep', '5'], 124, ''],
  ['timeout', ['-k', '1', '1', 'sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'], 'SIGKILL', ''],
  ['timeout', ['5', 'nosuch'], 127, ''],
  ['timeout', ['x', 'true'], 125, ''],
  ['timeout', ['5', 'sh', '-c', 'kill -9 $$'], 'SIGKILL', ''],
  ['flock', ['-o', '-E', '75', '-w', '1', lock, 'cat'], 0, 'in'],
  ['flock', ['-o', '-E', '75', lock, 'sh', '-c', 'exit 9'], 9, ''],
  ['flock', [lock, '-c', 'echo one; exit 4'], 4, 'one\n'],
  ['flock', [lock, 'nosuch'], 69, ''],
  ['flock', [join(folder, 'no/such'), 'true'], 66, ''],
  ['stat', ['-c', '%n %a %s', 'file', 'none'], 1, 'file 640 4\n'],
] as const)('%s %j', (program, words, end, stdout) => {
  expect(call(program, [...words])).toEqual({ end, stdout })
})

test('stat -L follows a link to the same device and inode', () => {
  symlinkSync('file', join(folder, 'link'))
  const { dev, ino } = statSync(join(folder, 'file'))
  expect(call('stat', ['-L', '-c', '%d %i', 'link']).stdout).toBe(`${dev} ${ino}\n`)
})

test.each([['-n'], ['-w', '0']])(
  'flock %s gives up at once with the code that was asked for',
  async (...how) => {
    const holder = spawn(join(standIns, 'flock'), [lock, 'sleep', '1'])
    await wait(200)
    expect(call('flock', ['-E', '75', ...how, lock, 'true']).end).toBe(75)
    holder.kill('SIGKILL')
  },
)

test('with -o what the command leaves behind does not keep the lock', () => {
  const held = call('flock', ['-o', lock, 'sh', '-c', 'sleep 3 >/dev/null 2>&1 </dev/null &'])
  expect(held.end).toBe(0)
  expect(call('flock', ['-n', lock, 'true']).end).toBe(0)
})
