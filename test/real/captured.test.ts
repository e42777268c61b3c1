import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newProject, type Project } from '../e2e/project.ts'
import { answered, type Question, questions } from './captured.ts'

// What a real Z2 answers. `vitest -u` writes the answers down; the simulation is held against the same files.

let project: Project

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterEach(() => project.lab('mend'))
afterAll(() => project.end())

async function answers({ faults, commands }: Question): Promise<string> {
  if (faults.length > 0) await project.lab('break', ...faults)
  const all: string[] = [`== ${faults.join(' ') || 'all is well'}\n`]
  for (const command of commands)
    all.push(answered(command, await project.ssh(`export LC_ALL=C TZ=UTC; ${command}`)))
  if (faults.length > 0) await project.lab('mend')
  return all.join('\n')
}

it.each(['pct', 'unit'] as const)('%s answers as captured', async (name) => {
  const all: string[] = []
  for (const question of questions[name]) all.push(await answers(question))
  await expect(all.join('\n')).toMatchFileSnapshot(`../fixture/real/${name}.txt`)
})
