import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../../lib/problem.ts'
import { type Line, startLine } from './line.ts'
import { closeMaster, makeScene, problemOf, type Scene } from './scene.ts'

// a token file and a secret that must not appear in any message
const secret = 'canary-refresh-token-of-the-line-test'
const content = Buffer.from(
  JSON.stringify({ refresh_token: secret, rest: randomBytes(1500).toString('hex') }),
)
/** positions that are tried, from the first byte of a connection to its last */
const samples = 40

let scene: Scene
let line: Line

beforeAll(async () => {
  scene = await makeScene({ hostKeys: ['ed25519'] })
  line = await startLine(scene.sshd.port)
  scene.know(`z2 ${scene.sshd.hostKey('ed25519')}`)
  scene.configure(['HostKeyAlias z2', `Port ${line.port}`])
})
beforeEach(() => {
  line.begin()
  for (const name of scene.staged()) rmSync(join(scene.staging, name), { recursive: true })
})
afterAll(async () => {
  await line.stop()
  await scene.end()
})

async function once(): Promise<'whole' | Problem> {
  const upload = await scene.open().catch((error: unknown) => error as Problem)
  if (upload instanceof Problem) return upload
  // over SFTP alone: what ssh does instead when that is cut is another test's
  const put = upload.put('monzo.tokens', content)
  const result = await put.then(
    () => 'whole' as const,
    (error: unknown) => error as Problem,
  )
  await upload.end()
  return result
}

const isWhole = (): boolean => readFileSync(join(scene.staging, 'monzo.tokens')).equals(content)

describe('a connection that is cut', () => {
  it('at any byte ends with a Problem that tells what may lie there, and the next attempt succeeds', async () => {
    line.begin()
    expect(await once()).toBe('whole')
    const total = line.sent()
    const seen = { opened: 0, cut: 0, whole: 0 }
    for (let sample = 0; sample < samples; sample++) {
      const cutAt = Math.floor((total * sample) / samples)
      for (const name of scene.staged()) rmSync(join(scene.staging, name))
      line.begin({ cutAt })
      const result = await once()
      if (result === 'whole') {
        // cut after the last answer that was waited for
        seen.whole += 1
        expect(isWhole(), `at ${cutAt}`).toBe(true)
      } else if (result.lines.what.startsWith('cannot upload')) {
        seen.opened += 1
        expect(result.lines.left).toMatch(/^(nothing was sent|monzo\.tokens was not touched)$/)
        expect(scene.staged(), `at ${cutAt}`).toEqual([])
      } else {
        seen.cut += 1
        expect(result.exitCode).toBe(3)
        expect(result.lines).toEqual({
          what: 'monzo.tokens was not uploaded to hinata-z2',
          why: expect.stringMatching(
            /^(the connection was cut|read ECONNRESET|write EPIPE|No response from server)$/,
          ),
          next: `ssh -F ${join(scene.folder, 'ssh_config')} hinata-z2 true`,
          left: `there may be a part of monzo.tokens in ${scene.staging} on hinata-z2: nothing reads it, and the next upload replaces it`,
        })
      }
      expect(JSON.stringify(result)).not.toContain(secret)
      line.begin()
      expect(await once(), `after ${cutAt}`).toBe('whole')
      expect(isWhole()).toBe(true)
      expect(scene.staged()).toEqual(['monzo.tokens'])
      expect(statSync(join(scene.staging, 'monzo.tokens')).mode & 0o777).toBe(0o600)
    }
    expect(seen.opened).toBeGreaterThan(5)
    expect(seen.cut).toBeGreaterThan(5)
  })

  it('between two files is told with the second, and nothing hangs', async () => {
    const upload = await scene.open()
    await upload.put('monzo.credentials', content)
    line.begin({ cutAt: 0 })
    const began = performance.now()
    const problem = await problemOf(upload.put('monzo.tokens', content))
    expect(problem.exitCode).toBe(3)
    expect((await problemOf(upload.remove('monzo.credentials'))).lines.left).toMatch(/may still be in/)
    await upload.end()
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

it('a slow line only takes longer', async () => {
  line.begin({ bytesPerSecond: 4000 })
  const began = performance.now()
  expect(await once()).toBe('whole')
  expect(performance.now() - began).toBeGreaterThan(1500)
  expect(isWhole()).toBe(true)
})

describe.concurrent('a host that freezes', () => {
  const elsewhere = async (): Promise<{ one: Scene; other: Line; end(): Promise<void> }> => {
    const one = await makeScene({})
    const other = await startLine(one.sshd.port)
    one.know(`z2 ${one.sshd.hostKey('ed25519')}`)
    one.configure(['HostKeyAlias z2', `Port ${other.port}`])
    return { one, other, end: () => other.stop().then(one.end) }
  }

  it('in the middle of a file is noticed, and end() does not wait for it', async ({ expect }) => {
    const { one, other, end } = await elsewhere()
    const upload = await one.open()
    other.begin({ freezeAt: 500 })
    const began = performance.now()
    const problem = await problemOf(upload.put('monzo.tokens', content))
    const noticed = performance.now() - began
    await upload.end()
    expect(noticed).toBeLessThan(18_000)
    expect(performance.now() - began - noticed).toBeLessThan(3000)
    expect(problem.exitCode).toBe(3)
    expect(problem.lines.why).toBe('the host answers no more')
    expect(problem.lines.left).toMatch(/^there may be a part of monzo\.tokens/)
    await end()
  })

  it('before it says a word is given up in time', async ({ expect }) => {
    const { one, other, end } = await elsewhere()
    other.begin({ freezeAt: 0 })
    const began = performance.now()
    const problem = await problemOf(one.open())
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(problem.exitCode).toBe(3)
    expect(problem.lines).toMatchObject({ what: 'cannot upload to hinata-z2', left: 'nothing was sent' })
    expect(problem.lines.why).toMatch(/timed out|Connection/)
    await end()
  })
})

describe('where it goes through ssh', () => {
  it('a cut in the middle leaves nothing, and says so only where that is sure', async () => {
    const one = await makeScene({ lines: ['# no SFTP'] })
    const other = await startLine(one.sshd.port)
    one.know(`z2 ${one.sshd.hostKey('ed25519')}`)
    one.configure(['HostKeyAlias z2', `Port ${other.port}`])
    const upload = await one.open()
    expect(upload.how).toBe('ssh')
    const big = randomBytes(400_000)
    other.begin({ cutAt: 100_000 })
    const problem = await problemOf(upload.put('monzo.tokens', big))
    expect(problem.exitCode).toBe(3)
    expect(problem.lines.left).toMatch(/^there may be a part of monzo\.tokens/)
    for (let left = 100; one.staged().length > 0 && left > 0; left--) await wait(50)
    expect(one.staged()).toEqual([])
    other.begin()
    closeMaster(one.config)
    await upload.put('monzo.tokens', big)
    expect(readFileSync(join(one.staging, 'monzo.tokens')).equals(big)).toBe(true)
    await upload.end()
    await other.stop()
    await one.end()
  })
})
