import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCount, resetCount } from '../../lab/count.ts'
import { placeAt } from '../../lab/sim/place.ts'
import type { Bench } from '../bench.ts'
import { runWell } from '../child.ts'
import { type Contender, drift } from '../contender.ts'
import { openLink } from '../link.ts'
import type { Part, Row } from '../table.ts'
import { addWay, labAddress } from '../way.ts'

type Cost = {
  name: string
  connections: number
  sessions: number
  pctExecs: number
  sent: number
  received: number
  memory: number
}

/** What a cold look asks of the host, what goes over the wire, and how much memory it takes here. */
export async function measureCost(bench: Bench): Promise<Part> {
  const costs: Cost[] = []
  for (const one of bench.all) costs.push(await costOf(one, bench))
  const ours = costs.find(({ name }) => name === drift.name) as Cost
  const asked = [ours.connections, ours.sessions, ours.pctExecs].join(', ')
  const counted = (measured: string, got: string): Row => ({ measured, target: '', got, met: null })
  return {
    title: 'What a look costs',
    rows: [
      {
        measured: 'SSH connections, sessions, pct exec of a look',
        target: '1, 1, 1',
        got: asked,
        met: asked === '1, 1, 1',
      },
      counted('bytes that a look sends, receives', `${ours.sent}, ${ours.received}`),
      counted('peak memory of drift', megabytes(ours.memory)),
    ],
    samples: [],
    notes: [
      [
        '| | connections | sessions | pct exec | bytes sent | bytes received | peak memory of the largest process |',
        '| --- | --- | --- | --- | --- | --- | --- |',
        ...costs.map(
          ({ memory, name, ...rest }) =>
            `| ${[name, ...Object.values(rest), megabytes(memory)].join(' | ')} |`,
        ),
      ].join('\n'),
    ],
  }
}

const megabytes = (kilobytes: number): string => `${Math.round(kilobytes / 1024)} MB`

async function costOf(one: Contender, { trial: { folder, way, log } }: Bench): Promise<Cost> {
  const place = placeAt(folder)
  const { host, port } = labAddress(way)
  const link = await openLink(host, port, 0)
  const counted = addWay(way, 'counted', '127.0.0.1', link.port)
  if (one === drift) {
    // fills the cache of this stack's configuration
    await runWell(one.look(counted), log, one.codes)
    await one.forget(counted)
  }
  const before = { sent: link.sent, received: link.received }
  resetCount(place)
  const command = one.look(counted)
  const memoryFile = join(folder, 'memory')
  const args = ['-f', '%M', '-o', memoryFile, command.program, ...command.args]
  await runWell({ ...command, program: '/usr/bin/time', args }, log, one.codes)
  const { connections, sessions, pctExecs } = readCount(place)
  await one.forget(counted)
  await link.close()
  return {
    name: one.name,
    connections,
    sessions,
    pctExecs,
    sent: link.sent - before.sent,
    received: link.received - before.received,
    memory: Number(readFileSync(memoryFile, 'utf8')),
  }
}
