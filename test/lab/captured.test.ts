import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findFaults } from '../../lab/fault/catalogue.ts'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendAll, plantFaults } from '../../lab/sim/plant.ts'
import { answered, type Question, questions } from '../real/captured.ts'
import { ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

// The simulation answers as the real Z2 did when it was asked the same (test/real/captured.test.ts).

const folder = temporaryFolder('captured')
const place = placeAt(folder)
beforeAll(() => startLab(place))
afterEach(() => mendAll(place))
afterAll(async () => {
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../fixture/real/${name}.txt`), 'utf8')

/** What the real one answered to these questions, in their order. */
const sections = (name: string): string[] =>
  fixture(name)
    .split(/^== .*\n\n/m)
    .slice(1)
    .map((text) => text.trimEnd())

async function answers({ faults, commands }: Question): Promise<string> {
  await plantFaults(place, findFaults(faults).found)
  const all: string[] = []
  for (const command of commands) {
    const { code, stdout, stderr } = await ssh(place, `export LC_ALL=C TZ=UTC; ${command}`)
    all.push(answered(command, { code: code ?? -1, out: stdout, err: stderr }))
  }
  return all.join('\n').trimEnd()
}

describe.each(['pct', 'unit'] as const)('%s answers as the real one', (name) => {
  const all = questions[name].map(
    (question, index) => [question.faults.join(' ') || 'all is well', question, index] as const,
  )
  test.each(all)('%s', async (_says, question, index) => {
    expect(await answers(question)).toBe(sections(name)[index])
  })
})
