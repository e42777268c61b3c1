import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pendingCreates } from '../../tools/state-file.ts'
import { isGone, oneCommand, type Running, type TempProject, tempProject, until } from './temp-project.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 600_000 })

const script = fileURLToPath(new URL('wrapper-process.ts', import.meta.url))
const slow = 'touch began; sleep 300'

describe('the wrappers', () => {
  let project: TempProject
  const start = (args: string[], env: Record<string, string> = {}): Running => {
    const [verb = '', ...rest] = args
    return project.start(process.execPath, [script, verb, project.dir, ...rest], { LOOK: '0', ...env })
  }
  const run = (args: string[], env?: Record<string, string>) => start(args, env).ended
  const lockFolder = () => `${project.dir}/.state/.pulumi/locks/organization/bulma/z2`
  const began = () => until(() => existsSync(`${project.dir}/began`))
  /** An engine that is really killed while it runs a command. */
  async function killedUp(): Promise<void> {
    const { child, ended } = project.start('pulumi', ['up', '--yes', '--skip-preview'], { CREATE: slow })
    await began()
    child.kill('SIGKILL')
    await ended
    expect(readdirSync(lockFolder()).filter((name) => name.endsWith('.json'))).toHaveLength(1)
  }

  beforeEach(async () => {
    project = await tempProject(oneCommand)
  })
  afterEach(() => project.remove())

  it('a fresh clone needs no preparation, and a bare pulumi works afterwards', async () => {
    expect(await run(['preview', '--expect-no-changes'])).toMatchObject({ code: 7 })
    const up = await run(['up'], { LOOK: '4' })
    expect(up).toMatchObject({ code: 4 })
    expect(up.out).toContain('one more look at z2')
    expect(up.out).not.toContain('Previewing')
    expect(await run(['preview', '--expect-no-changes'])).toMatchObject({ code: 0 })
    expect(await project.pulumi(['preview', '--expect-no-changes'])).toMatchObject({ code: 0 })
    expect(readFileSync(`${project.dir}/Pulumi.z2.yaml`, 'utf8')).toMatch(/^encryptionsalt: v1:1lPhyE0O2hQ=/)
    const files = readdirSync(`${project.dir}/.state/.pulumi`, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => file.endsWith('.json'))).toEqual([])
    expect(files).not.toContain('backups')
  })

  it('the stack that a person has selected stays selected', async () => {
    project.write('Pulumi.lab.yaml', '{}\n')
    await project.pulumi(['stack', 'select', '--create', 'lab'])
    await run(['up'])
    const { out } = await project.pulumi(['stack', 'ls'])
    expect(out).toMatch(/lab\*/)
    expect(out).toMatch(/^z2 /m)
  })

  it('an engine that fails is no success, though all holds', async () => {
    expect(await run(['up', '--no-such-flag'])).toMatchObject({ code: 1 })
  })

  it('the lock of a killed up is removed, and what it began is looked at anew', async () => {
    await project.pulumi(['stack', 'select', '--create', 'z2'])
    await killedUp()
    expect(pendingCreates(project.dir, 'z2')).toEqual(['one'])
    const { code, out } = await run(['up'])
    expect(out).toMatch(
      /a pulumi that was killed left its lock \(.+, process \d+, since \d{4}-\d\d-\d\d \d\d:\d\d\): removed/,
    )
    expect(out).toContain('an up was cut short while it recorded one: cleared, and looked at anew')
    expect(out).not.toMatch(/pending/i)
    expect(code).toBe(0)
    expect(pendingCreates(project.dir, 'z2')).toEqual([])
    expect((await run(['preview', '--expect-no-changes'])).code).toBe(0)
  })

  it('a stack that a live pulumi holds, or another machine, is left alone', async () => {
    await project.pulumi(['stack', 'select', '--create', 'z2'])
    const other = project.start('pulumi', ['up', '--yes', '--skip-preview'], { CREATE: slow })
    await began()
    const held = await run(['up'])
    expect(held.code).toBe(1)
    expect(held.out).toContain('error: another pulumi is at work on the stack z2\nwhy:   ')
    expect(held.out).toContain(`process ${other.child.pid}, since `)
    expect(held.out).toContain('\nnext:  let it finish; once it is certainly gone: pulumi cancel --yes z2\n')
    expect(held.out).toContain('\nleft:  nothing was looked at and nothing was changed\n')
    expect((await run(['preview'])).code).toBe(0)
    const [name = ''] = readdirSync(lockFolder())
    const lock = readFileSync(`${lockFolder()}/${name}`, 'utf8')
    other.child.kill('SIGINT')
    await other.ended
    writeFileSync(`${lockFolder()}/${name}`, lock.replace(/"hostname":"[^"]*"/, '"hostname":"another-mac"'))
    expect((await run(['up'])).out).toContain(' on another-mac, process ')
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends the engine in order: 130, no lock left, no look',
    async (signal) => {
      const { child, ended } = start(['up'], {
        CREATE: 'trap "" TERM; echo $$ > began; sleep 300; sleep 300',
      })
      await began()
      const pid = Number(readFileSync(`${project.dir}/began`, 'utf8'))
      // A terminal sends Ctrl-C to us, and npm passes it on: that is still one. The command holds out for a second.
      child.kill(signal)
      await sleep(300)
      child.kill(signal)
      const { code, out } = await ended
      expect(code).toBe(130)
      expect(out).not.toContain('one more look')
      expect(existsSync(lockFolder()) ? readdirSync(lockFolder()) : []).toEqual([])
      await until(() => isGone(pid))
    },
  )

  it('Ctrl-C on a terminal, which the engine reads as a key, is an interruption too', async () => {
    const words = [process.execPath, script, 'up', project.dir, '--yes'].map((word) => `'${word}'`)
    const command = `stty cols 100 rows 30; exec ${words.join(' ')}`
    // script(1) gives a terminal to what it runs; macOS has its own way of saying what that is.
    const args =
      process.platform === 'darwin'
        ? ['-q', '/dev/null', 'sh', '-c', command]
        : ['-qefc', command, '/dev/null']
    const terminal = spawn('script', args, { env: { ...process.env, LOOK: '0', CREATE: slow } })
    let out = ''
    terminal.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
    })
    await began()
    terminal.stdin.write('\x03')
    const [code] = await once(terminal, 'close')
    expect(out).toContain('^C received')
    expect(out).not.toContain('one more look')
    expect(code).toBe(130)
  })

  it('wrong usage is answered before anything is fetched or created', async () => {
    const unknown = await run(['up', '--stack', 'z3'])
    expect(unknown.code).toBe(64)
    expect(unknown.out).toBe(
      [
        'error: there is no stack z3 here',
        'why:   Pulumi.z3.yaml does not exist',
        'next:  npm run preview -- --stack z2',
        'left:  nothing was looked at and nothing was changed',
        '',
      ].join('\n'),
    )
    expect(await run(['preview', '--help'])).toEqual({ code: 0, out: 'help of preview\n' })
  })
})
