import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../lab/temporary-folder.ts'
import { sftpServer } from './own-sshd.ts'
import { makeScene, problemOf, type Scene } from './scene.ts'

const content = Buffer.from('{"refresh_token":"canary-of-the-staging-test"}')

for (const how of ['sftp', 'ssh'] as const) {
  describe(`the staging folder, over ${how}`, () => {
    let scene: Scene
    const at = (name: string): string => join(scene.staging, name)
    const elsewhere = (): string => join(scene.folder, 'elsewhere')
    const putOne = async (): Promise<void> => {
      const upload = await scene.open()
      expect(upload.how).toBe(how)
      await upload.put('monzo.tokens', content).finally(upload.end)
    }

    beforeAll(async () => {
      scene = await makeScene(how === 'ssh' ? { lines: ['# no subsystem'] } : {})
    })
    beforeEach(() => {
      rmSync(scene.staging, { recursive: true, force: true })
      rmSync(elsewhere(), { recursive: true, force: true })
      mkdirSync(scene.staging, { recursive: true, mode: 0o700 })
    })
    afterAll(() => scene.end())

    it('gets a file of 0600 with just these bytes, whatever the umask there', async () => {
      await putOne()
      expect(readFileSync(at('monzo.tokens')).equals(content)).toBe(true)
      const { mode, nlink } = statSync(at('monzo.tokens'))
      expect({ mode: mode & 0o7777, nlink }).toEqual({ mode: 0o600, nlink: 1 })
    })

    it('gets bytes as they are: none, many, and of every value', async () => {
      const upload = await scene.open()
      const every = Buffer.from(Array.from({ length: 256 * 2000 }, (_, index) => index % 256))
      for (const bytes of [Buffer.alloc(0), every, Buffer.from("'\n$(touch x)\\\0")]) {
        await upload.put('truelayer.tokens', bytes)
        expect(readFileSync(at('truelayer.tokens')).equals(bytes)).toBe(true)
      }
      await upload.end()
    })

    it('has what an earlier attempt left replaced, by a new file', async () => {
      writeFileSync(at('monzo.tokens'), 'a part', { mode: 0o644 })
      const before = statSync(at('monzo.tokens'))
      await putOne()
      expect(readFileSync(at('monzo.tokens')).equals(content)).toBe(true)
      expect(statSync(at('monzo.tokens')).mode & 0o777).toBe(0o600)
      expect(statSync(at('monzo.tokens')).mtimeMs).not.toBe(before.mtimeMs)
    })

    it('loses a file that is removed, and one that is not there is as good as removed', async () => {
      const upload = await scene.open()
      await upload.put('monzo.try', content)
      await upload.remove('monzo.try')
      expect(scene.staged()).toEqual([])
      await upload.remove('monzo.try')
      await upload.end()
    })

    it('keeps a link in the place of a file, and so does what the link leads to', async () => {
      writeFileSync(elsewhere(), 'precious')
      symlinkSync(elsewhere(), at('monzo.tokens'))
      const upload = await scene.open()
      const put = await problemOf(upload.put('monzo.tokens', content))
      expect(put.lines).toEqual({
        what: 'monzo.tokens was not uploaded to hinata-z2',
        why: `${at('monzo.tokens')} is a link`,
        next: `ssh -F ${join(scene.folder, 'ssh_config')} hinata-z2 ls -ld ${at('monzo.tokens')}`,
        left: `${at('monzo.tokens')} is as it was`,
      })
      expect(put.exitCode).toBe(1)
      expect((await problemOf(upload.remove('monzo.tokens'))).lines.what).toBe(
        'monzo.tokens was not removed from hinata-z2',
      )
      await upload.end()
      expect(readFileSync(elsewhere(), 'utf8')).toBe('precious')
    })

    it('is never left by a name', async () => {
      const upload = await scene.open()
      for (const name of ['../monzo.tokens', '', '.', '..', '/etc/x', 'a/b', "a'b", 'a b', '-a'])
        await expect(upload.put(name, content), name).rejects.toThrow('a staged file has a plain name')
      await upload.end()
    })

    it('keeps a folder in the place of a file', async () => {
      mkdirSync(at('monzo.tokens'))
      expect((await problemOf(putOne())).lines.why).toBe(`${at('monzo.tokens')} is not a regular file`)
      expect(statSync(at('monzo.tokens')).isDirectory()).toBe(true)
    })

    const refused = async (why: string): Promise<void> => {
      const problem = await problemOf(scene.open())
      expect(problem.lines).toEqual({
        what: 'the staging folder on hinata-z2 is not as it must be',
        why: `${scene.staging} ${why}`,
        next: `ssh -F ${join(scene.folder, 'ssh_config')} hinata-z2 ls -ld ${scene.staging}`,
        left: 'nothing was sent',
      })
      expect(problem.exitCode).toBe(3)
    }

    it('must be there', async () => {
      rmSync(scene.staging, { recursive: true })
      await refused('is not there')
    })

    it('must not be a link, wherever that leads', async () => {
      renameSync(scene.staging, elsewhere())
      symlinkSync(elsewhere(), scene.staging)
      await refused('is a link')
      rmSync(scene.staging)
    })

    it('must be a folder', async () => {
      rmSync(scene.staging, { recursive: true })
      writeFileSync(scene.staging, '')
      await refused('is not a folder')
    })

    it('must not be open to others', async () => {
      chmodSync(scene.staging, 0o750)
      await refused('is open to others (mode 0750)')
      chmodSync(scene.staging, 0o701)
      await refused('is open to others (mode 0701)')
    })

    it('is looked at again before each file', async () => {
      const upload = await scene.open()
      await upload.put('monzo.credentials', content)
      renameSync(scene.staging, elsewhere())
      symlinkSync(elsewhere(), scene.staging)
      expect((await problemOf(upload.put('monzo.tokens', content))).lines.why).toBe(
        `${scene.staging} is a link`,
      )
      rmSync(scene.staging)
      expect((await problemOf(upload.put('monzo.tokens', content))).lines.why).toBe(
        `${scene.staging} is not there`,
      )
      await upload.end()
      expect(existsSync(join(elsewhere(), 'monzo.tokens'))).toBe(false)
    })
  })
}

it('each file is written through to the disk where the SFTP of the host knows how', async () => {
  const log = join(temporaryFolder('fsync'), 'log')
  const scene = await makeScene({ lines: [`Subsystem sftp ${sftpServer} -e -l DEBUG3 2>>${log}`] })
  const upload = await scene.open()
  expect(upload.how).toBe('sftp')
  await upload.put('monzo.tokens', content)
  await upload.end()
  expect(readFileSync(log, 'utf8')).toMatch(/fsync/)
  await scene.end()
  rmSync(dirname(log), { recursive: true })
})
