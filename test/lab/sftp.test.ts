import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { run, ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('sftp')
const place = placeAt(folder)
const staging = join(place.roots.z2, 'staging')
// as a client says it: relative to the checkout
const at = (name: string): string => `.lab/z2/staging/${name}`
const text = (name: string): string => readFileSync(join(staging, name), 'utf8')

const client = new ssh2.Client()
let sftp: SFTPWrapper

beforeAll(async () => {
  const { port } = await startLab(place)
  const ready = new Promise<void>((done, fail) => client.once('ready', () => done()).once('error', fail))
  client.connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    privateKey: readFileSync(join(place.keys, 'id_ed25519')),
  })
  await ready
  sftp = await new Promise<SFTPWrapper>((done, fail) =>
    client.sftp((error, opened) => (error ? fail(error) : done(opened))),
  )
})
beforeEach(() => {
  rmSync(staging, { recursive: true, force: true })
  mkdirSync(staging)
})
afterAll(async () => {
  client.end()
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

const call = <T = void>(
  act: (done: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T> => new Promise((done, fail) => act((error, value) => (error ? fail(error) : done(value as T))))
const put = (name: string, content: string, flag: 'w' | 'wx' = 'w', mode = 0o600): Promise<void> =>
  call((done) => sftp.writeFile(name, content, { flag, mode }, done as never))

test('an upload has the mode that was asked for, and an exclusive one never replaces', async () => {
  const content = 'x'.repeat(200_000)
  await put(at('one'), content, 'wx')
  expect(text('one')).toBe(content)
  expect(statSync(join(staging, 'one')).mode & 0o777).toBe(0o600)
  await expect(put(at('one'), 'other', 'wx')).rejects.toThrow()
  expect((await call<Buffer>((done) => sftp.readFile(at('one'), done))).toString()).toBe(content)
})

test('a rename of version 3 never replaces, a POSIX rename does', async () => {
  await put(at('new'), 'new')
  await put(at('old'), 'old')
  await expect(call((done) => sftp.rename(at('new'), at('old'), done))).rejects.toThrow()
  expect(text('old')).toBe('old')
  await call((done) => sftp.ext_openssh_rename(at('new'), at('old'), done))
  expect(text('old')).toBe('new')
})

test('fsync on an open file is answered', async () => {
  const handle = await call<Buffer>((done) => sftp.open(at('file'), 'w', done))
  await call((done) => sftp.ext_openssh_fsync(handle, done))
  await call((done) => sftp.close(handle, done))
})

test('folders, links, modes and lists', async () => {
  await call((done) => sftp.mkdir(at('in'), done))
  await put(at('in/file'), 'text')
  await call((done) => sftp.chmod(at('in/file'), 0o646, done))
  await call((done) => sftp.symlink('file', at('in/link'), done))
  expect(await call<string>((done) => sftp.readlink(at('in/link'), done))).toBe('file')
  const names = (await call<{ filename: string }[]>((done) => sftp.readdir(at('in'), done as never))).map(
    ({ filename }) => filename,
  )
  expect(names.sort()).toEqual(['file', 'link'])
  expect((await call<{ mode: number }>((done) => sftp.stat(at('in/link'), done as never))).mode & 0o777).toBe(
    0o646,
  )
  await call((done) => sftp.unlink(at('in/link'), done))
  await call((done) => sftp.unlink(at('in/file'), done))
  await call((done) => sftp.rmdir(at('in'), done))
  await expect(call((done) => sftp.stat(at('in'), done as never))).rejects.toThrow(/no such file/i)
})

test('a changed owner is simulated', async () => {
  await put(at('mine'), 'text')
  await call((done) => sftp.chown(at('mine'), 100_000, 100_000, done))
  expect((await ssh(place, `perl -e 'print +(stat q(${at('mine')}))[4]'`)).stdout).toBe('100000')
})

test('nothing outside the lab can be reached, not even through a link', async () => {
  const outside = join(folder, 'outside')
  writeFileSync(outside, 'mine')
  symlinkSync(outside, join(staging, 'link'))
  symlinkSync(join(folder, 'made'), join(staging, 'dangling'))
  for (const path of [outside, '../outside', '/etc/passwd', at('link'), at('../../../outside')]) {
    await expect(
      call((done) => sftp.readFile(path, done as never)),
      path,
    ).rejects.toThrow()
    await expect(put(path, 'theirs'), path).rejects.toThrow()
  }
  await expect(put(at('dangling'), 'theirs')).rejects.toThrow()
  expect(readFileSync(outside, 'utf8')).toBe('mine')
  expect(statSync(join(folder, 'made'), { throwIfNoEntry: false })).toBeUndefined()
})

test('scp comes back when the file is there', async () => {
  const from = join(folder, 'from')
  writeFileSync(from, 'x'.repeat(300_000))
  const scp = (...words: string[]) => run('scp', ['-q', '-F', place.sshConfig, ...words])
  const limit = AbortSignal.timeout(10_000)
  const ended = new Promise<never>((_done, fail) =>
    limit.addEventListener('abort', () => fail(new Error('scp hangs'))),
  )
  expect(await Promise.race([scp(from, `hinata-z2:${at('sent')}`), ended])).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect(text('sent')).toBe('x'.repeat(300_000))
  const back = join(folder, 'back')
  expect(await Promise.race([scp(`hinata-z2:${at('sent')}`, back), ended])).toMatchObject({ code: 0 })
  expect(readFileSync(back, 'utf8')).toBe(text('sent'))
  expect((await Promise.race([scp(from, 'hinata-z2:.lab/z2/nosuch/sent'), ended])).code).toBe(1)
})

test('requests are answered in their order, however long each takes', async () => {
  const handle = await call<Buffer>((done) => sftp.open(at('many'), 'w', done))
  const order: number[] = []
  const writes = Array.from({ length: 60 }, (_, nth) =>
    call((done) => {
      const data = Buffer.alloc(nth % 2 === 0 ? 30_000 : 1, 'x')
      sftp.write(handle, data, 0, data.length, nth * 30_000, (error) => {
        order.push(nth)
        done(error)
      })
    }),
  )
  await Promise.all(writes)
  await call((done) => sftp.close(handle, done))
  expect(order).toEqual(order.toSorted((one, other) => one - other))
})
