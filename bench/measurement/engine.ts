import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../../tools/engine.ts'
import { pulumiEnv } from '../../tools/pulumi-run.ts'
import type { Bench } from '../bench.ts'
import { type Command, runWell } from '../child.ts'
import { drift } from '../contender.ts'
import { mend, plant } from '../correctness.ts'
import { takeTurns } from '../round.ts'
import { median, type Sample, seconds } from '../sample.ts'
import type { Part, Row } from '../table.ts'

const mostMs = 600

/** The engine: a preview beside one of an empty program, and a repair of three drifts beside a preview of them. */
export async function measureEngine({ trial, engine, rounds }: Bench): Promise<Part> {
  const { folder, log, way } = trial
  const pulumi = pulumiIn(engine, folder, 'lab')
  const run = async (command: Command): Promise<number> => (await runWell(command, log)).ms
  const forget = (): Promise<void> => drift.forget(way)
  await run({ ...pulumi('stack', 'select', '--create'), args: ['stack', 'select', '--create', 'lab'] })
  await run(pulumi('up', '--yes', '--skip-preview'))
  const empty = await makeEmpty(engine, folder, log)
  for (const command of [empty, pulumi('preview')]) await run(command)
  const [floor, preview] = (await takeTurns(rounds(7), [
    { name: 'pulumi preview of an empty program', run: () => run(empty) },
    { name: 'pulumi preview, all invariants, cold SSH', before: forget, run: () => run(pulumi('preview')) },
  ])) as [Sample, Sample]
  const drifted = async (): Promise<void> => {
    await plant(trial)
    await forget()
  }
  const repair = async (): Promise<number> => {
    const ms = await run(pulumi('up', '--yes', '--skip-preview'))
    await mend(trial)
    return ms
  }
  const [seen, repaired] = (await takeTurns(rounds(5), [
    { name: 'pulumi preview, three drifts', before: drifted, run: () => run(pulumi('preview')) },
    { name: 'pulumi up --yes --skip-preview, three drifts', before: drifted, run: repair },
  ])) as [Sample, Sample]
  await forget()
  return {
    title: 'The engine',
    rows: [
      aboveRow('pulumi preview, cold SSH, against that of an empty program', preview, floor),
      aboveRow('pulumi up --yes --skip-preview, three drifts, against a preview of them', repaired, seen),
    ],
    samples: [floor, preview, seen, repaired],
  }
}

const aboveRow = (measured: string, one: Sample, floor: Sample): Row => {
  const above = median(one) - median(floor)
  return {
    measured,
    target: `≤ + ${seconds(mostMs)}`,
    got: `+ ${seconds(above)} (${seconds(median(one))})`,
    met: above <= mostMs,
  }
}

const pulumiIn =
  (engine: Engine, cwd: string, stack: string) =>
  (...words: string[]): Command => ({
    program: engine.pulumi,
    args: [...words, '--stack', stack, '--non-interactive', '--color', 'never'],
    cwd,
    env: { ...(pulumiEnv(engine, {}) as Record<string, string>), PWD: cwd },
  })

/** A program that does nothing, started like ours: type stripping, the compile cache, the same SDK. Answers with its preview. */
async function makeEmpty(engine: Engine, checkout: string, log: string): Promise<Command> {
  const folder = join(checkout, 'empty')
  mkdirSync(join(folder, '.state'), { recursive: true })
  cpSync(join(checkout, 'Pulumi.yaml'), join(folder, 'Pulumi.yaml'))
  cpSync(join(checkout, 'tools/compile-cache.cjs'), join(folder, 'tools/compile-cache.cjs'))
  symlinkSync('../node_modules', join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "main": "index.ts" }\n')
  writeFileSync(join(folder, 'index.ts'), 'export {}\n')
  const pulumi = pulumiIn(engine, folder, 'empty')
  await runWell({ ...pulumi(), args: ['stack', 'init', 'empty', '--non-interactive'] }, log)
  await runWell(pulumi('up', '--yes', '--skip-preview'), log)
  return pulumi('preview')
}
