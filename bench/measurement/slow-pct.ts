import { type Bench, coldLook, onZ2 } from '../bench.ts'
import { drift } from '../contender.ts'
import { takeTurns } from '../round.ts'
import { median, type Sample, seconds } from '../sample.ts'
import type { Part } from '../table.ts'

const startMs = 600
/** what a median of a few looks may be off by */
const toleranceMs = 50

/** A pct that takes its time to start, as Perl and Proxmox's modules do on a real host. */
export async function measureSlowPct({ trial, rounds }: Bench): Promise<Part> {
  const real = '/usr/lib/bulma-lab/pct'
  const slow = `printf '#!/bin/sh\\nsleep %s\\nexec ${real} "$@"\\n' ${startMs / 1000} >/usr/sbin/pct`
  const look = coldLook(drift, trial.way)
  const turn = (name: string, before: string) => ({
    name,
    before: async () => {
      await onZ2(trial, before)
      await look.before?.()
    },
    run: look.run,
  })
  const [quick, slowed] = (await takeTurns(rounds(7), [
    turn('drift, pct as the lab has it', `cp ${real} /usr/sbin/pct`),
    turn(`drift, pct takes ${seconds(startMs)} to start`, slow),
  ])) as [Sample, Sample]
  await onZ2(trial, `cp ${real} /usr/sbin/pct`)
  const above = median(slowed) - median(quick)
  return {
    title: 'A pct that is slow to start',
    rows: [
      {
        measured: `drift with a pct that takes ${seconds(startMs)} to start`,
        target: `≤ + ${seconds(startMs)}`,
        got: `+ ${seconds(above)} (${seconds(median(slowed))})`,
        met: above <= startMs + toleranceMs,
      },
    ],
    samples: [quick, slowed],
    notes: [
      `Less than the whole ${seconds(startMs)} means that the host's own checks are made while pct starts. Met up to ${seconds(startMs + toleranceMs)}: a median of so few looks is no more exact.`,
    ],
  }
}
