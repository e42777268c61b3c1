import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ensureEngine } from '../../tools/engine.ts'
import { findOnPath } from '../../tools/executable.ts'
import { type TempProject, tempProject } from './temp-project.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 600_000 })

describe('the engine', () => {
  let project: TempProject
  beforeAll(async () => {
    project = await tempProject(
      [
        'const typescript: string = process.env.PULUMI_NODEJS_TYPESCRIPT ?? "unset"',
        // @ts-expect-error is not needed: this is text
        'console.log(`ran on ${process.versions.node}, PULUMI_NODEJS_TYPESCRIPT ${typescript}`)',
      ].join('\n'),
    )
    await project.pulumi(['stack', 'select', '--create', 'z2'])
  })
  afterAll(() => project.remove())

  it('is there at once when it has been there before', async () => {
    await ensureEngine()
    const began = performance.now()
    const { pulumi, says } = await ensureEngine()
    expect(performance.now() - began).toBeLessThan(100)
    expect(existsSync(pulumi)).toBe(true)
    expect(says).toMatch(/^Pulumi \d+\.\d+\.\d+.* · command plugin/)
    expect(says).not.toContain('\n')
  })

  it('runs the program with the types stripped by node, also beside a strict tsconfig.json', async () => {
    project.write('tsconfig.json', '{"compilerOptions":{"strict":true,"module":"nodenext"}}')
    const { code, out } = await project.pulumi(['preview'])
    expect(out).toContain(`ran on ${process.versions.node}, PULUMI_NODEJS_TYPESCRIPT unset`)
    expect(code).toBe(0)
  })

  it('with a node that is too old is answered with what to do', async () => {
    const old = findOnPath('node', '/usr/local/bin:/usr/bin:/opt/homebrew/bin')
    const { env } = await ensureEngine()
    if (!old) return
    mkdirSync(`${project.dir}/old`, { recursive: true })
    symlinkSync(old, `${project.dir}/old/node`)
    const { code, out } = await project.pulumi(['preview'], { PATH: `${project.dir}/old:${env.PATH}` })
    rmSync(`${project.dir}/old`, { recursive: true })
    if (out.includes('ran on')) return
    expect(out).toMatch(/error: Node [\d.]+ cannot run this program/)
    expect(out).toContain('next:  npm run preview')
    expect(code).not.toBe(0)
  })
})
