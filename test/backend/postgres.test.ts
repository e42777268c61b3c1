import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Ended, newProject, type Project } from '../e2e/project.ts'
import { oneCommand, type TempProject, tempProject, until } from '../tools/temp-project.ts'
import { hasPostgres, PostgresServer } from './postgres-server.ts'

/** A blob as the engine stores it: base64, mostly of gzip. */
function unpacked(line: string): string {
  const bytes = Buffer.from(line, 'base64')
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}

// The state in a PostgreSQL that several machines share, with the real engine and a real server.

describe.runIf(hasPostgres)('the state in PostgreSQL', () => {
  let server: PostgresServer
  let project: Project
  let other: Project
  beforeAll(async () => {
    server = await PostgresServer.start()
    project = await newProject()
    await project.lab('up')
    // A second machine: another checkout, without any state of its own, that sees the same Z2.
    other = await newProject()
    symlinkSync(join(project.dir, '.lab'), join(other.dir, '.lab'))
  })
  afterEach(() => project.lab('mend'))
  afterAll(async () => {
    rmSync(join(other.dir, '.lab'))
    await other.end()
    await project.end()
    await server.remove()
  })

  const files = (dir: string): string[] =>
    readdirSync(join(dir, '.state'), { recursive: true, encoding: 'utf8' })
  const up = (where: Project, env: Record<string, string>): Promise<Ended> =>
    where.script('up', ['--stack', 'lab', '--yes'], env)
  const preview = (where: Project, env: Record<string, string>): Promise<Ended> =>
    where.script('preview', ['--stack', 'lab', '--expect-no-changes'], env)

  it('is shared by two machines: one records, the other sees no more than what differs, and repairs it', async () => {
    const env = { BULMA_BACKEND_URL: server.database('shared') }
    const first = await up(project, env)
    expect([first.code, first.err.trim().split('\n').at(-1)]).toEqual([0, 'hinata-z2 · 21 hold'])
    expect(files(project.dir)).toEqual([])
    expect(Number(server.ask('select count(*) from pulumi_state', 'shared'))).toBeGreaterThan(1)
    expect((await preview(other, env)).code).toBe(0)

    await project.lab('break', 'timer-disabled-monzo')
    const seen = await preview(other, env)
    expect([seen.code, seen.out]).toEqual([7, expect.stringContaining('ct109/timer/bulma-poll-monzo.timer')])
    const mended = await up(other, env)
    expect([mended.code, mended.out]).toEqual([0, expect.stringContaining('mended')])
    expect(files(other.dir)).toEqual([])
    expect((await preview(project, env)).code).toBe(0)
    for (const { out, err } of [first, seen, mended]) expect(out + err).not.toContain(server.password)
    const kept = server
      .ask("select data->>'data' from pulumi_state", 'shared')
      .split('\n')
      .map(unpacked)
      .join('\n')
    expect(kept).toContain('ct109/timer/bulma-poll-monzo.timer')
    expect(kept).not.toContain(server.password)
  })

  it('by Pulumi.yaml, with the password in ~/.pgpass as libpq has it, for a bare pulumi too', async () => {
    const pass = join(project.dir, '.lab/pgpass')
    writeFileSync(pass, `127.0.0.1:${server.port}:*:bulma:${server.password}\n`, { mode: 0o600 })
    const settings = join(project.dir, 'Pulumi.yaml')
    const before = readFileSync(settings, 'utf8')
    onTestFinished(() => writeFileSync(settings, before))
    writeFileSync(settings, before.replace('file://./.state', server.database('named', false)))
    const env = { PGPASSFILE: pass }
    expect((await up(project, env)).code).toBe(0)
    const bare = ['preview', '--stack', 'lab', '--expect-no-changes', '--non-interactive']
    expect((await project.run(project.engine.pulumi, bare, env)).code).toBe(0)
    expect(files(project.dir)).toEqual([])
  })

  it('says that it cannot be reached, or that the password is wrong, and never what the password is', async () => {
    const address = server.database('guarded')
    const wrong = await up(project, { BULMA_BACKEND_URL: address.replace(server.password, 'not-this-71ab') })
    expect([wrong.code, wrong.out]).toEqual([1, ''])
    expect(wrong.err).toContain(
      `error: the state in postgres://bulma@127.0.0.1:${server.port}/guarded cannot be read`,
    )
    expect(wrong.err).toContain('password authentication failed')
    expect(wrong.err).not.toContain('not-this-71ab')
    await server.end()
    const gone = await up(project, { BULMA_BACKEND_URL: address })
    await server.begin()
    expect(gone.code).toBe(1)
    expect(gone.err).toMatch(/why:.*[\s\S]*connection refused/)
    expect(gone.err).toContain('\nleft:  nothing was looked at and nothing was changed\n')
    expect(gone.err).not.toContain(server.password)
  })

  it('leaves the state of a checkout that names no other where it was, whatever other projects use', async () => {
    const env = { PULUMI_BACKEND_URL: server.address('shared') }
    expect((await up(other, env)).code).toBe(0)
    expect(files(other.dir).some((file) => file.endsWith('lab.json.gz'))).toBe(true)
  })
})

describe.runIf(hasPostgres)('two ups at once on a state in PostgreSQL', () => {
  let server: PostgresServer
  let project: TempProject
  beforeAll(async () => {
    server = await PostgresServer.start()
    project = await tempProject(oneCommand)
  })
  afterAll(async () => {
    project.remove()
    await server.remove()
  })

  const wrapper = join(import.meta.dirname, '../tools/wrapper-process.ts')
  const start = (verb: string, env: Record<string, string>) =>
    project.start(process.execPath, [wrapper, verb, project.dir], { LOOK: '0', ...env })

  it('the second is refused, is told who is at work, and goes through once the first is done', async () => {
    const env = { BULMA_BACKEND_URL: server.database('locked') }
    const first = start('up', { ...env, CREATE: 'touch began; while [ ! -e go ]; do sleep 0.1; done' })
    await until(() => readdirSync(project.dir).includes('began'))
    const second = await start('up', env).ended
    expect(second.code).toBe(1)
    expect(second.out).toMatch(/the stack is currently locked by 1 lock\(s\)/)
    expect(second.out).toMatch(/created by \S+@\S+ \(pid \d+\) at \d{4}-/)
    expect(second.out).not.toContain(server.password)
    expect((await start('preview', env).ended).code).toBe(0)
    project.write('go', '')
    expect((await first.ended).code).toBe(0)
    expect((await start('up', env).ended).code).toBe(0)
    expect(server.ask("select count(*) from pulumi_state where key like '%locks%'", 'locked')).toBe('0')
  })

  it('one that was killed leaves its lock: the next says so, and pulumi cancel ends it', async () => {
    const env = { BULMA_BACKEND_URL: server.database('killed') }
    rmSync(join(project.dir, 'began'), { force: true })
    rmSync(join(project.dir, 'go'), { force: true })
    const plain = { PULUMI_BACKEND_URL: server.address('killed', false), PGPASSWORD: server.password }
    await project.pulumi(['stack', 'select', '--create', 'z2'], plain)
    const { child, ended } = project.start('pulumi', ['up', '--yes', '--skip-preview'], {
      ...plain,
      CREATE: 'touch began; sleep 300',
    })
    await until(() => readdirSync(project.dir).includes('began'))
    child.kill('SIGKILL')
    await ended
    const refused = await start('up', env).ended
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('currently locked by 1 lock(s)')])
    expect((await project.pulumi(['cancel', '--yes', 'z2'], plain)).code).toBe(0)
    const after = await start('up', env).ended
    expect(after.code).toBe(0)
    expect(after.out).toContain('an up was cut short while it recorded one: cleared, and looked at anew')
  })
})
