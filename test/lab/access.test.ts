import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findFaults } from '../../lab/fault/catalogue.ts'
import { uidMap } from '../../lab/healthy/container.ts'
import { buildLab } from '../../lab/sim/build.ts'
import { recordOwner } from '../../lab/sim/owner.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendAll, plantFaults } from '../../lab/sim/plant.ts'
import { simulatedWorld } from '../../lab/sim/world.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('access')
const place = placeAt(folder, 'lab')
const world = simulatedWorld(place)
const data = '/mnt/data/hinata/data/bulma'
const file = join(place.roots.z2, data, 'try')
const inside = join(place.roots.ct109, 'root/data/bulma')

const call = (side: 'z2' | 'ct109', words: string[], input?: string) =>
  spawnSync(words[0] ?? '', words.slice(1), {
    cwd: folder,
    env: { PATH: `${join(place.bin, side)}:${join(place.bin, 'system')}` },
    encoding: 'utf8',
    input,
  })
const may = (flag: string, path: string): boolean => call('ct109', ['env', 'test', flag, path]).status === 0

beforeAll(() => buildLab(place))
afterEach(() => mendAll(place))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the container's root may do with a file what the kernel would let it", () => {
  test.each([
    // mode, owner (0: the host's root), may read, may write
    [0o600, 0, false, false],
    [0o644, 0, true, false],
    [0o646, 0, true, true],
    [0o660, 0, false, false],
    [0o600, 100_000, true, true],
    [0o000, 100_000, true, true],
    // another user of the container: its root overrides
    [0o600, 100_033, true, true],
    [0o600, 99_999, false, false],
    [0o600, 165_536, false, false],
  ])('mode %o, owner %i: read %s, write %s', (mode, owner, reads, writes) => {
    world.write('z2', `${data}/try`, 'text', { mode, owner })
    expect({ reads: may('-r', `${inside}/try`), writes: may('-w', `${inside}/try`) }).toEqual({
      reads,
      writes,
    })
  })

  test('two questions in one call must both be answered with yes', () => {
    const both = () =>
      call('ct109', ['env', 'test', '-r', `${inside}/try`, '-a', '-w', `${inside}/try`]).status
    world.write('z2', `${data}/try`, 'text', { mode: 0o644 })
    expect(both()).toBe(1)
    world.write('z2', `${data}/try`, 'text', { mode: 0o646 })
    expect(both()).toBe(0)
  })

  test('a closed folder closes what is in it', async () => {
    world.write('z2', `${data}/try`, 'text', { mode: 0o666 })
    await plantFaults(place, findFaults(['data-folder-closed']).found)
    expect([may('-x', inside), may('-r', `${inside}/try`)]).toEqual([false, false])
    await mendAll(place)
    expect([may('-x', inside), may('-w', inside), may('-r', `${inside}/try`)]).toEqual([true, true, true])
  })

  test('in a privileged container root is root', () => {
    world.write('z2', `${data}/try`, 'text', { mode: 0o600 })
    world.write('ct109', '/proc/self/uid_map', uidMap(0, 4_294_967_295))
    expect(may('-r', `${inside}/try`)).toBe(true)
    world.write('ct109', '/proc/self/uid_map', uidMap(100_000, 65_536))
    expect(may('-r', `${inside}/try`)).toBe(false)
  })

  test('what lies outside the lab does not exist', () => {
    expect([may('-e', '/etc/passwd'), may('-r', '/etc/passwd'), may('-d', '/')]).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('a Perl program on Z2', () => {
  const perl = (program: string): string => call('z2', ['perl', '-'], program).stdout

  test('sees the simulated owner by path, by handle and by bareword', () => {
    world.write('z2', `${data}/try`, 'text', { mode: 0o640, owner: 100_000 })
    const said = perl(`
      my @by_path = stat '${file}'; my @by_link = lstat '${file}';
      open F, '<', '${file}'; my @by_word = stat F; open my $h, '<', '${file}'; my @by_handle = stat $h; my @again = stat _;
      print join ' ', map { "$$_[4]:$$_[5]" } \\@by_path, \\@by_link, \\@by_word, \\@by_handle, \\@again;
      print ' ', (-f _ ? 'file' : 'none'), ' ', (stat('${file}.none') ? 'there' : 'absent'), ' ', scalar(my @none = stat '${file}.none');
      $_ = '${file}'; print ' ', (stat)[4]`)
    expect(said).toBe(`${Array(5).fill('100000:100000').join(' ')} file absent 0 100000`)
  })

  test('changes the simulated owner, by path and by handle, and never the real one', () => {
    world.write('z2', `${data}/try`, 'text')
    const before = statSync(file)
    expect(perl(`print chown 100000, 100001, '${file}'; print ' ', join ':', (stat '${file}')[4, 5]`)).toBe(
      '1 100000:100001',
    )
    expect(
      perl(`open my $h, '<', '${file}'; print chown 5, -1, $h; print ' ', join ':', (stat $h)[4, 5]`),
    ).toBe('1 5:100001')
    const after = statSync(file)
    expect([after.uid, after.gid]).toEqual([before.uid, before.gid])
  })

  test('changes modes, unless the fault says otherwise', async () => {
    writeFileSync(file, '')
    chmodSync(file, 0o600)
    const program = `open my $h, '<', '${file}'; print chmod(0646, $h) ? 'done' : "$!"`
    expect(perl(program)).toBe('done')
    expect(statSync(file).mode & 0o777).toBe(0o646)
    await plantFaults(place, findFaults(['repair-fails-chmod']).found)
    expect(perl(program)).toBe('Read-only file system')
    expect(call('z2', ['chmod', '600', file]).stderr).toContain('Read-only file system')
  })
})

describe('chown', () => {
  test('on Z2 and in the container means the same uid in two ways of counting', () => {
    world.write('z2', `${data}/try`, 'text', { mode: 0o600 })
    expect(call('z2', ['chown', '100000:100000', file]).status).toBe(0)
    expect(may('-r', `${inside}/try`)).toBe(true)
    expect(call('z2', ['chown', 'root:root', file]).status).toBe(0)
    expect(may('-r', `${inside}/try`)).toBe(false)
    expect(call('ct109', ['chown', '0', `${inside}/try`]).status).toBe(0)
    expect(may('-r', `${inside}/try`)).toBe(true)
  })

  test('refuses what lies outside the lab', () => {
    const { status, stderr } = call('z2', ['chown', '100000', '/etc/passwd'])
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "chown: cannot access '/etc/passwd': No such file or directory\n",
    })
  })
})

test("a folder that Perl on Z2 has made anew is root's, and that is noted, since its inode may have been another's", () => {
  const path = `${data}/new folder`
  const program = `mkdir '${place.roots.z2}${path}', 0700 or die $!; print +(lstat '${place.roots.z2}${path}')[4]`
  expect(call('z2', ['perl', '-e', program])).toMatchObject({ stdout: '0', stderr: '', status: 0 })
  const { dev, ino } = statSync(join(place.roots.z2, path))
  expect(readFileSync(place.owners, 'utf8').trimEnd().split('\n').at(-1)).toBe(`${dev}:${ino} 0 0`)
  rmSync(join(place.roots.z2, path), { recursive: true })
})

test("a file that Perl on Z2 has made anew is root's, even where its inode was that of another file", () => {
  writeFileSync(file, '')
  recordOwner(place, statSync(file), 100_000)
  rmSync(file)
  const program = `use Fcntl; sysopen(my $file, '${file}', O_WRONLY | O_CREAT | O_EXCL, 0600) or die $!; print +(stat $file)[4], sysopen(my $again, '${file}', O_WRONLY | O_CREAT | O_EXCL) ? 'again' : ''`
  expect(call('z2', ['perl', '-e', program])).toMatchObject({ stdout: '0', stderr: '' })
})
