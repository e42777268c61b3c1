import { type Bench, bareSsh, coldLook } from '../bench.ts'
import { openLink } from '../link.ts'
import { takeTurns } from '../round.ts'
import type { Sample } from '../sample.ts'
import type { Part } from '../table.ts'
import { addWay, labAddress } from '../way.ts'
import { fasterRow, targets } from './comparison.ts'
import { coldRow } from './look.ts'

/** The same at a distance: every round trip takes this much more. */
export async function measureDistance({ trial, all, rounds }: Bench, rttMs: number): Promise<Part> {
  const { host, port } = labAddress(trial.way)
  const link = await openLink(host, port, rttMs)
  const way = addWay(trial.way, `distance-${rttMs}`, '127.0.0.1', link.port)
  const taking = all.filter(({ name }) => name === 'drift' || name in targets)
  // fills the cache of this stack's configuration
  for (const { run } of [coldLook(taking[0] as (typeof taking)[number], way)]) await run()
  const samples = await takeTurns(rounds(3), [bareSsh(way), ...taking.map((one) => coldLook(one, way))])
  for (const one of taking) await one.forget(way)
  await link.close()
  const [bare, ours, ...others] = samples as [Sample, Sample, ...Sample[]]
  return {
    title: `At ${rttMs} ms round-trip time`,
    rows: [
      coldRow(`${rttMs} ms: drift, cold SSH, against ssh hinata-z2 true`, ours, bare),
      ...others.map((other) => fasterRow(`${rttMs} ms: drift against ${other.name}`, ours, other)),
    ],
    samples,
  }
}
