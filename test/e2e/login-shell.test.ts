import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { probeText } from '../../lib/io/probe-text.ts'
import { readStackConfig } from '../../lib/io/stack-file.ts'
import { probeCommand } from '../../lib/probe.ts'
import { parseProbeOutput } from '../../lib/probe-output.ts'
import { resources } from '../../lib/resource.ts'
import { declare } from '../../stacks/declaration.ts'
import { newProject, type Project } from './project.ts'

// Whatever root's login shell on Z2 is, it is what reads the command of a look and of a repair.

let project: Project

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterAll(() => project.end())

const isHere = (shell: string): boolean => {
  try {
    execFileSync(shell, ['-c', 'exit 0'])
    return true
  } catch {
    return false // not installed: CI installs all of them, a person need not
  }
}
const shells = ['sh', 'bash', 'dash', 'zsh', 'fish'].filter((shell) => process.env.CI || isHere(shell))

const declaration = declare(readStackConfig('lab'))
const onZ2 = () => ({ PATH: [join(project.dir, '.lab/bin/z2'), process.env.PATH].join(delimiter) })

it.each(shells)('%s runs the look', async (shell) => {
  const { out, err } = await project.run(shell, ['-c', probeCommand(declaration, probeText(), 'x1')], onZ2())
  expect(parseProbeOutput(out, 'x1').state, err).toBe('whole')
})

it.each(shells)('%s runs a repair, with the word that ssh appends', async (shell) => {
  const text = new Proxy({}, { get: () => 'main() { echo "$(cat /dev/null)ran $vmid"; return 3; }' })
  const { findings } = (await project.drift()).json
  const [resource] = resources(declaration, findings, 'run-1', text as never)
  const command = `${resource?.args.interpreter.at(-1)} ${resource?.args.create}`
  const ended = execFileSync(shell, ['-c', `${command}; true`.replace('exec sh', 'sh')], {
    cwd: project.dir,
    env: { ...process.env, ...onZ2() },
    input: resource?.args.stdin,
    encoding: 'utf8',
  })
  expect(ended).toBe('ran 109\n')
})
