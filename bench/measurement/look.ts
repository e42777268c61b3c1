import { type Bench, bareSsh, coldLook } from '../bench.ts'
import { runWell } from '../child.ts'
import { drift } from '../contender.ts'
import { takeTurns } from '../round.ts'
import { median, type Sample, seconds } from '../sample.ts'
import type { Part } from '../table.ts'

/** How much longer than a bare ssh a look over a connection of its own may take: by this factor, and by these milliseconds. */
const factor = 1.4
const allowanceMs = 100
const warmMs = 200

/** A look beside a bare ssh, over a new connection and over one that is there. */
export async function measureLook({ trial: { way }, rounds }: Bench): Promise<Part> {
  const look = async (): Promise<number> => (await runWell(drift.look(way), way.log, drift.codes)).ms
  // The first two fill the caches of the checkout.
  for (let time = 0; time < 2; time++) await look()
  const [bare, cold, warm] = (await takeTurns(rounds(15), [
    bareSsh(way),
    coldLook(drift, way, 'drift, cold'),
    { name: 'drift again, the connection is there', before: async () => void (await look()), run: look },
  ])) as [Sample, Sample, Sample]
  return {
    title: 'A look beside a bare ssh',
    rows: [
      coldRow('drift, cold SSH, against ssh hinata-z2 true', cold, bare),
      {
        measured: 'drift again within a minute',
        target: `≤ ${seconds(warmMs)}`,
        got: seconds(median(warm)),
        met: median(warm) <= warmMs,
      },
    ],
    samples: [bare, cold, warm],
  }
}

/** The line that holds a cold look against a bare ssh over the same way. */
export function coldRow(measured: string, cold: Sample, bare: Sample): Part['rows'][number] {
  const limit = factor * median(bare) + allowanceMs
  return {
    measured,
    target: `≤ ${factor} × + ${seconds(allowanceMs)} = ${seconds(limit)}`,
    got: `${seconds(median(cold))} (ssh ${seconds(median(bare))})`,
    met: median(cold) <= limit,
  }
}
