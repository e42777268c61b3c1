import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStackConfig } from '../../lib/io/stack-file.ts'
import { declare } from '../../stacks/declaration.ts'
import { type Bench, onZ2 } from '../bench.ts'
import { runWell } from '../child.ts'
import { drift } from '../contender.ts'
import { takeTurns } from '../round.ts'
import { median, type Sample } from '../sample.ts'
import type { Part } from '../table.ts'
import { copyCheckout, type Trial } from '../trial.ts'
import type { Way } from '../way.ts'
import { wideCount, wideTokenFile } from '../wide-declaration.ts'

const mostMs = 2
const data = '/mnt/data/hinata/data/bulma'

/** What each further invariant costs, from those that there are to 200. Over a connection that is there: it is not its time. */
export async function measureGrowth({ trial, rounds }: Bench): Promise<Part> {
  const wide = await makeWide(trial)
  const count = declare(readStackConfig('lab')).invariants.length
  const look = (way: Way) => async (): Promise<number> => (await runWell(drift.look(way), way.log)).ms
  const samples = await takeTurns(rounds(11), [
    {
      name: `drift, ${count} invariants`,
      before: async () => void (await look(trial.way)()),
      run: look(trial.way),
    },
    {
      name: `drift, ${wideCount} invariants`,
      before: async () => void (await look(wide)()),
      run: look(wide),
    },
  ])
  await onZ2(trial, `rm -f ${data}/tokens_monzo-*.json`)
  const [few, many] = samples as [Sample, Sample]
  const each = (median(many) - median(few)) / (wideCount - count)
  return {
    title: 'Many invariants',
    rows: [
      {
        measured: `each further invariant, ${count} → ${wideCount}`,
        target: `≤ ${mostMs} ms`,
        got: `${each.toFixed(2)} ms`,
        met: each <= mostMs,
      },
    ],
    samples,
    notes: ['Half of the further ones are legacy units, half are token files that lie beside the real ones.'],
  }
}

/** A second checkout with a wider declaration, on the same lab, with all the files that it asks for. */
async function makeWide(trial: Trial): Promise<Way> {
  const folder = join(trial.folder, 'wide')
  mkdirSync(folder)
  copyCheckout(folder)
  copyFileSync(join(import.meta.dirname, '../wide-declaration.ts'), join(folder, 'stacks/declaration.ts'))
  const stack = readFileSync(join(trial.folder, 'Pulumi.lab.yaml'), 'utf8')
  writeFileSync(
    join(folder, 'Pulumi.lab.yaml'),
    stack.replace(/(bulma:(?:sshConfig|mac\w+): )\.lab/g, `$1${trial.folder}/.lab`),
  )
  const names = Array.from({ length: wideCount }, (_, number) => wideTokenFile(number))
  await onZ2(trial, `cd ${data} && for name in ${names.join(' ')}; do cp -p tokens_monzo.json $name; done`)
  return { ...trial.way, folder }
}
