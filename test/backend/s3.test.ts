import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oneCommand, type TempProject, tempProject, until } from '../tools/temp-project.ts'
import { account, hasS3, S3Server } from './s3-server.ts'

// The state in a bucket of an S3-compatible server, with the real engine.

describe.runIf(hasS3)('the state in S3', () => {
  let server: S3Server
  let project: TempProject
  beforeAll(async () => {
    server = await S3Server.start()
    project = await tempProject(oneCommand)
  })
  afterAll(async () => {
    project.remove()
    await server.remove()
  })

  const wrapper = join(import.meta.dirname, '../tools/wrapper-process.ts')
  const start = (args: string[], env: Record<string, string>) => {
    const [verb = '', ...rest] = args
    const words = [wrapper, verb, project.dir, ...rest]
    return project.start(process.execPath, words, { LOOK: '0', ...account, ...env })
  }
  const files = (): string[] =>
    readdirSync(join(project.dir, '.state'), { recursive: true, encoding: 'utf8' })

  it('is recorded there and nowhere else, and says no more than what differs', async () => {
    const env = { BULMA_BACKEND_URL: await server.bucket('core') }
    const first = await start(['up'], env).ended
    expect(first.code).toBe(0)
    expect(await server.keys('core')).toContain('.pulumi/stacks/bulma/z2.json.gz')
    expect(files()).toEqual([])
    expect((await start(['preview', '--expect-no-changes'], env).ended).code).toBe(0)
    expect((await start(['preview', '--expect-no-changes'], { ...env, LAST: 'drift' }).ended).code).toBe(7)
    expect((await start(['up'], { ...env, LAST: 'drift' }).ended).code).toBe(0)
    expect((await start(['preview', '--expect-no-changes'], { ...env, LAST: 'drift' }).ended).code).toBe(0)
    expect(first.out).not.toContain(account.AWS_SECRET_ACCESS_KEY)
  })

  it('of two ups at once the second is refused and told who is at work', async () => {
    const env = { BULMA_BACKEND_URL: await server.bucket('locked') }
    const first = start(['up'], { ...env, CREATE: 'touch began; while [ ! -e go ]; do sleep 0.1; done' })
    await until(() => readdirSync(project.dir).includes('began'))
    const second = await start(['up'], env).ended
    expect([second.code, second.out]).toEqual([
      1,
      expect.stringMatching(/currently locked by 1 lock\(s\)[\s\S]*\(pid \d+\)/),
    ])
    project.write('go', '')
    expect((await first.ended).code).toBe(0)
    expect((await start(['up'], env).ended).code).toBe(0)
  })

  it('says that a bucket is not there', async () => {
    const address = (await server.bucket('here')).replace('s3://here', 's3://nowhere')
    const { code, out } = await start(['up'], { BULMA_BACKEND_URL: address }).ended
    expect(code).toBe(1)
    expect(out).toContain('error: the state in s3://nowhere cannot be read\n')
    expect(out).not.toContain(account.AWS_SECRET_ACCESS_KEY)
  })
})
