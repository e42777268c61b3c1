import { chmodSync, existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ensureEngine } from '../../tools/engine.ts'
import { type TempProject, tempProject } from './temp-project.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 600_000 })

describe('the engine', () => {
  let project: TempProject
  beforeAll(async () => {
    project = await tempProject(
      [
        'const typescript: string = process.env.PULUMI_NODEJS_TYPESCRIPT ?? "unset"',
        "console.log('ran on ' + process.versions.node + ', PULUMI_NODEJS_TYPESCRIPT ' + typescript)",
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
    // This node, made to say that it is an old one.
    const claim =
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })"
    project.write('old.cjs', claim)
    project.write('node', `#!/bin/sh\nexec '${process.execPath}' --require '${project.dir}/old.cjs' "$@"\n`)
    chmodSync(`${project.dir}/node`, 0o755)
    const { env } = await ensureEngine()
    const { code, out } = await project.pulumi(['preview'], { PATH: `${project.dir}:${env.PATH}` })
    expect(out).toContain('error: Node 20.19.0 cannot run this program')
    expect(out).toContain('next:  npm run preview')
    expect(out).not.toContain('ran on')
    expect(code).not.toBe(0)
  })
})
