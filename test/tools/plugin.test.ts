import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem, renderProblem } from '../../lib/problem.ts'
import { ensurePlugin, hasPlugin, personalHome } from '../../tools/plugin.ts'
import { terminalProgress } from '../../tools/progress.ts'
import { projectDir, toolchainDir } from '../../tools/project.ts'
import { tempProject } from './temp-project.ts'

vi.setConfig({ testTimeout: 60_000 })
const binary = 'pulumi-resource-command'

describe('the command plugin', () => {
  let home: string
  const put = (folder: string, mode = 0o755): void => {
    mkdirSync(`${home}/plugins/${folder}`, { recursive: true })
    writeFileSync(`${home}/plugins/${folder}/${binary}`, '#!/bin/sh\n')
    chmodSync(`${home}/plugins/${folder}/${binary}`, mode)
  }
  beforeEach(() => {
    home = mkdtempSync(`${tmpdir()}/bulma-home-`)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true })
  })

  it.each([
    ['resource-command-v1.2.1', true],
    ['resource-command-v1.3.0', true],
    ['resource-command-v1.1.3', false],
    ['resource-command-v4.5.0', false],
    ['resource-commander-v1.2.1', false],
  ])('of a person: %s is there: %s', (folder, wanted) => {
    expect(hasPlugin(home)).toBe(false)
    put(folder)
    expect(hasPlugin(home)).toBe(wanted)
  })

  it('of a person that is half downloaded, or not to be run, is not there', () => {
    put('resource-command-v1.2.1', 0o644)
    expect(hasPlugin(home)).toBe(false)
    put('resource-command-v1.2.1')
    writeFileSync(`${home}/plugins/resource-command-v1.2.1.partial`, '')
    expect(hasPlugin(home)).toBe(false)
  })

  it('a home of ours that an outer run has set is not the person’s', () => {
    const theirs = `${homedir()}/.pulumi`
    expect(personalHome({ HOME: homedir(), PULUMI_HOME: `${toolchainDir}/pulumi-home` })).toBe(theirs)
    expect(personalHome({ HOME: homedir(), PULUMI_HOME: '/their/own' })).toBe('/their/own')
    expect(personalHome({})).toBeUndefined()
  })

  it('the official one in a person’s home is used, and the home is theirs', async () => {
    put('resource-command-v1.2.1')
    vi.stubEnv('BULMA_COMMAND_PLUGIN', '')
    vi.stubEnv('PULUMI_HOME', home)
    const { env, says } = await ensurePlugin('pulumi', terminalProgress())
    expect([env, says]).toEqual([{ PULUMI_HOME: home }, 'command plugin 1.2.1'])
  })

  it('of BULMA_COMMAND_PLUGIN must be there', async () => {
    vi.stubEnv('BULMA_COMMAND_PLUGIN', '/no/such/plugin')
    const problem = await ensurePlugin('pulumi', terminalProgress()).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(Problem)
    expect((problem as Problem).exitCode).toBe(64)
    expect(renderProblem((problem as Problem).lines)).toBe(
      [
        'error: the command plugin of BULMA_COMMAND_PLUGIN cannot be used',
        'why:   /no/such/plugin is not a file that can be run',
        'next:  chmod +x /no/such/plugin, or unset BULMA_COMMAND_PLUGIN',
        'left:  nothing was looked at and nothing was changed',
      ].join('\n'),
    )
  })

  it('of BULMA_COMMAND_PLUGIN is the one that the engine starts', async () => {
    const main = `${projectDir}/tools/command-provider/main.ts`
    const given = `${home}/given`
    writeFileSync(given, `#!/bin/sh\ntouch '${home}/started'\nexec '${process.execPath}' '${main}' "$@"\n`)
    chmodSync(given, 0o755)
    vi.stubEnv('BULMA_COMMAND_PLUGIN', given)
    const { env, says } = await ensurePlugin('pulumi', terminalProgress())
    expect(says).toBe(`command plugin ${given}`)
    const project = await tempProject(
      "import { local } from '@pulumi/command'\nnew local.Command('one', { create: 'true' })\n",
    )
    try {
      await project.pulumi(['stack', 'select', '--create', 'z2'], env)
      const { code, out } = await project.pulumi(['preview'], env)
      expect(out).not.toMatch(/warning/i)
      expect([code, existsSync(`${home}/started`)]).toEqual([0, true])
    } finally {
      project.remove()
    }
  })
})
