import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Upload } from '../../../lib/io/login/upload.ts'
import type { Problem } from '../../../lib/problem.ts'
import { type AwkwardHost, startAwkward } from './awkward.ts'
import { makeScene, problemOf, type Scene } from './scene.ts'

const { STATUS_CODE } = ssh2.utils.sftp
const secret = 'canary-of-the-awkward-test'
const content = Buffer.from(`{"refresh_token":"${secret}"}`)

let scene: Scene
let host: AwkwardHost
let upload: Upload

beforeAll(async () => {
  scene = await makeScene({})
  host = await startAwkward(scene.folder)
  scene.configure([`Port ${host.port}`])
  scene.know(`[127.0.0.1]:${host.port} ${host.hostKey}`)
})
beforeEach(() => host.be({}))
afterAll(async () => {
  await host.stop()
  await scene.end()
})

const put = async (): Promise<Problem> => {
  upload = await scene.open()
  expect(upload.how).toBe('sftp')
  const problem = await problemOf(upload.put('monzo.tokens', content))
  expect(JSON.stringify(problem.lines)).not.toContain(secret)
  const began = performance.now()
  await upload.end()
  expect(performance.now() - began).toBeLessThan(3000)
  return problem
}

it('a file is asked for as a new one of 0600, and a host whose SFTP cannot fsync is good enough', async () => {
  upload = await scene.open()
  await upload.put('monzo.tokens', content)
  await upload.end()
  expect(host.opened()).toEqual({ flags: ['CREAT', 'EXCL', 'TRUNC', 'WRITE'], mode: 0o600 })
})

describe('a host that refuses', () => {
  it('to write: what came of it is taken away, and that is said', async () => {
    host.be({ write: STATUS_CODE.FAILURE })
    const problem = await put()
    expect(problem.lines).toEqual({
      what: 'monzo.tokens was not uploaded to hinata-z2',
      why: 'the host says that it failed, and no more',
      next: `ssh -F ${scene.folder}/ssh_config hinata-z2 df -h ${scene.staging}`,
      left: `nothing of it is in ${scene.staging} on hinata-z2`,
    })
    expect(problem.exitCode).toBe(1)
  })

  it('to write and to remove: a part may be left, and that is said', async () => {
    host.be({ write: STATUS_CODE.FAILURE, remove: STATUS_CODE.FAILURE })
    expect((await put()).lines.left).toMatch(/^there may be a part of monzo\.tokens in /)
  })

  it('to make the file', async () => {
    host.be({ open: STATUS_CODE.PERMISSION_DENIED, remove: STATUS_CODE.FAILURE })
    const { lines } = await put()
    expect(lines.why).toBe('permission denied')
    expect(lines.left).toMatch(/^nothing of it/)
  })

  it('without a word: what it has is counted', async () => {
    host.be({ swallows: true })
    expect((await put()).lines.why).toBe(`0 of ${content.length} bytes arrived`)
  })

  it('by a status that it should not send', async () => {
    host.be({ open: STATUS_CODE.OP_UNSUPPORTED })
    expect((await put()).lines.why).toBe('its SFTP cannot do that')
  })
})

describe('a host whose SFTP', () => {
  for (const endsAt of ['OPEN', 'WRITE'] as const) {
    it(`ends at ${endsAt}, the connection staying open, is noticed`, async () => {
      host.be({ endsAt })
      const problem = await put()
      expect(problem.exitCode).toBe(3)
      expect(problem.lines.left).toMatch(/^there may be a part/)
    })
  }

  it('ends before the staging folder was looked at cannot be uploaded to', async () => {
    host.be({ endsAt: 'LSTAT' })
    const problem = await problemOf(scene.open())
    expect(problem.lines).toMatchObject({ what: 'cannot upload to hinata-z2', left: 'nothing was sent' })
  })

  it('speaks nonsense in the middle is noticed', async () => {
    host.be({ nonsenseAt: 'WRITE' })
    const problem = await put()
    expect(problem.exitCode).toBe(3)
    expect(problem.lines.why).toBe('something prints into SFTP there')
  })
})
