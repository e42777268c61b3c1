import { ansibleFloor } from '../ansible/contender.ts'
import { type Bench, coldLook } from '../bench.ts'
import { type Command, runWell } from '../child.ts'
import { drift } from '../contender.ts'
import { pyinfraCommand } from '../pyinfra/contender.ts'
import { type Subject, takeTurns } from '../round.ts'
import { median, ratio, type Sample, seconds, times } from '../sample.ts'
import type { Part, Row } from '../table.ts'

/** How many times as fast as these a look of ours shall be. */
export const targets: Record<string, number> = {
  pyinfra: 5,
  'Ansible, pipelining': 10,
  'Ansible, mitogen': 6,
}

/** The same 21 invariants by every program, each over a connection of its own. */
export async function measureComparison({
  trial: { way },
  tools,
  sockets,
  all,
  rounds,
}: Bench): Promise<Part> {
  const samples = await takeTurns(
    rounds(5),
    all.map((one) => coldLook(one, way)),
  )
  const floor = (name: string, command: Command, before: () => Promise<void>): Subject => ({
    name,
    before,
    run: async () => (await runWell(command, way.log)).ms,
  })
  const ansible = all.find(({ name }) => name === 'Ansible, pipelining')
  const floors = await takeTurns(rounds(5), [
    floor('pyinfra exec -- true', pyinfraCommand(tools.pyinfra, way, ['exec', '--', 'true']), async () => {}),
    floor('ansible -m raw -a true', ansibleFloor(tools.ansible, `${sockets}/a`, way), async () =>
      ansible?.forget(way),
    ),
  ])
  const [ours, ...others] = samples as [Sample, ...Sample[]]
  return {
    title: 'The same invariants, by other programs',
    rows: others.map((other) => fasterRow(`${drift.name} against ${other.name}`, ours, other)),
    samples: [...samples, ...floors],
    notes: [
      'The last two lines are no looks: they are the least that these programs can do with the host, and so the part of their time that no playbook and no deploy can save.',
    ],
  }
}

/** The line that says how many times as long another program took. */
export function fasterRow(measured: string, ours: Sample, other: Sample): Row {
  const target = targets[other.name]
  const factor = ratio(other, ours)
  return {
    measured,
    target: target === undefined ? '' : `≥ ${target} × faster`,
    got: `${times(factor)} (${seconds(median(other))})`,
    met: target === undefined ? null : factor >= target,
  }
}
