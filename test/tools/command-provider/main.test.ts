import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ensureEngine } from '../../../tools/engine.ts'
import { isGone, type TempProject, tempProject, until } from '../temp-project.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 600_000 })

const program = `
import { readFileSync } from 'node:fs'
import { secret } from '@pulumi/pulumi'
import { local } from '@pulumi/command'
for (const [name, args] of Object.entries(JSON.parse(readFileSync('want.json', 'utf8')))) {
  if (args.secretStdin) { args.stdin = secret(args.secretStdin); delete args.secretStdin }
  new local.Command(name, args)
}
`

describe('commands driven by the engine', () => {
  let project: TempProject
  const want = (commands: Record<string, unknown>): void =>
    project.write('want.json', JSON.stringify(commands))
  const up = () => project.pulumi(['up', '--yes', '--skip-preview'])
  const state = async (): Promise<Record<string, Record<string, unknown>>> => {
    const { out } = await project.pulumi(['stack', 'export'])
    const resources = JSON.parse(out).deployment.resources as {
      urn: string
      outputs?: Record<string, unknown>
    }[]
    return Object.fromEntries(resources.map((one) => [one.urn.split('::').at(-1), one.outputs ?? {}]))
  }

  beforeAll(async () => {
    project = await tempProject(program)
    await project.pulumi(['stack', 'select', '--create', 'z2'])
  })
  afterAll(() => project.remove())

  it('create, update by create, update by its own script, replace by a trigger, delete', async () => {
    const said = 'echo $0 >> said.log'
    const one = (what: string, more: object) => ({
      interpreter: ['/bin/sh', '-c'],
      create: `echo ${what}`,
      ...more,
    })
    const log = (who: string, act: string) => ({ [act]: said.replace('$0', `${who}-${act}`) })
    want({
      plain: { create: 'cat; echo "[$PULUMI_COMMAND_STDOUT]"', stdin: 'first\n' },
      own: { ...log('own', 'create'), ...log('own', 'update'), ...log('own', 'delete') },
      triggered: { ...log('triggered', 'create'), ...log('triggered', 'delete'), triggers: [1] },
      covered: one('covered', { secretStdin: 'hush' }),
    })
    expect((await up()).code).toBe(0)
    const first = await state()
    expect(first.plain).toMatchObject({ stdout: 'first\n[]', stderr: '', stdin: 'first\n' })
    expect(JSON.stringify(first.covered)).not.toContain('hush')
    expect(JSON.stringify(first.covered?.stdout)).not.toContain('covered')

    want({
      plain: { create: 'cat; echo "[$PULUMI_COMMAND_STDOUT]"', stdin: 'second\n' },
      own: {
        ...log('own', 'create'),
        ...log('own', 'update'),
        ...log('own', 'delete'),
        environment: { A: '1' },
      },
      triggered: { ...log('triggered', 'create'), ...log('triggered', 'delete'), triggers: [2] },
    })
    const preview = await project.pulumi(['preview'])
    expect(preview.out).toMatch(/~ .*plain update \[diff: ~stdin\]/)
    expect(preview.out).toMatch(/triggered replace \[diff: ~triggers\]/)
    expect(existsSync(`${project.dir}/said.log`)).toBe(true)
    expect((await up()).code).toBe(0)
    expect((await state()).plain).toMatchObject({ stdout: 'second\n[first\n[]]' })
    const lines = readFileSync(`${project.dir}/said.log`, 'utf8').trim().split('\n')
    expect(lines.toSorted()).toEqual(
      ['own-create', 'own-update', 'triggered-create', 'triggered-create', 'triggered-delete'].toSorted(),
    )

    want({})
    expect((await up()).code).toBe(0)
    expect(readFileSync(`${project.dir}/said.log`, 'utf8')).toContain('own-delete')
    expect(await project.pulumi(['preview', '--expect-no-changes'])).toMatchObject({ code: 0 })
  })

  it('a failed update shows its text and its output, and is seen again', async () => {
    want({ shaky: { create: 'true' } })
    expect((await up()).code).toBe(0)
    const create = 'echo seen; echo why >&2; exit 3'
    want({ shaky: { create, logging: 'stdout' } })
    const failed = await up()
    expect(failed.code).not.toBe(0)
    expect(failed.out).toContain(`error: exit status 3: running "${create}":\n    seen\n    why\n`)
    const again = await project.pulumi(['preview', '--expect-no-changes'])
    expect(again.out).toMatch(/shaky update \[diff: .*~create/)
    expect(again.code).not.toBe(0)
  })

  it('a failed delete is shown without a stack trace', async () => {
    want({ stuck: { create: 'true', delete: 'echo cannot; exit 4' } })
    await up()
    want({})
    const failed = await up()
    expect(failed.out).toContain('exit status 4: running "echo cannot; exit 4":\n    cannot\n')
    expect(failed.out).not.toMatch(/^\s+at /m)
    want({ stuck: { create: 'true' } })
    await up()
  })

  it('an interrupted up ends the running command with all that it started', async () => {
    const create = 'sleep 300 & echo $! > child.pid; wait'
    want({ slow: { create } })
    const { child, ended } = project.start('pulumi', ['up', '--yes', '--skip-preview', '--color', 'never'])
    const file = `${project.dir}/child.pid`
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    const pid = Number(readFileSync(file, 'utf8'))
    child.kill('SIGINT')
    const { code, out } = await ended
    expect(code).not.toBe(0)
    expect(out).toMatch(/signal: (terminated|killed): running/)
    // The official plugin ends the command alone; what it started is ours to see to only with the stand-in.
    if ((await ensureEngine()).says.includes('stand-in')) await until(() => isGone(pid))
    else process.kill(pid, 'SIGKILL')
  })
})
