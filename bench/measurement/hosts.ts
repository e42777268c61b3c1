import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, bareSsh, onZ2 } from '../bench.ts'
import { type Command, runWell } from '../child.ts'
import { drift } from '../contender.ts'
import { takeTurns } from '../round.ts'
import { median, type Sample, seconds, times } from '../sample.ts'
import type { Part } from '../table.ts'
import { addWay, labAddress, type Way } from '../way.ts'

const hostCount = 10
const most = 3
const firstPort = 2201

/** `npm run drift -- --all`, in a checkout that has the stacks of the ten hosts and no other. */
const all = (way: Way): Command => ({
  ...drift.look(way),
  args: ['scripts/drift.ts', '--json', '--all'],
})

/** Puts the stacks of the trial aside that are none of the ten hosts. @returns what puts them back */
function withoutOthers(folder: string): () => void {
  const names = readdirSync(folder).filter((name) => /^Pulumi\.(?!host-\d)[^.]+\.yaml$/.test(name))
  const aside = (name: string): string => join(folder, `${name}.aside`)
  for (const name of names) renameSync(join(folder, name), aside(name))
  return () => {
    for (const name of names) renameSync(aside(name), join(folder, name))
  }
}

/** Ten looks side by side, each with a stack, an alias and a connection of its own, at one Z2 that plays ten. */
export async function measureHosts({ trial, rounds }: Bench): Promise<Part> {
  const ports = Array.from({ length: hostCount }, (_, index) => firstPort + index)
  // Ten hosts have ten ports, so that no look rides on another's connection, and each counts its own newcomers. sshd has room for
  // sixteen sockets.
  await onZ2(
    trial,
    `{ printf 'Port %s\\n' 22 ${ports.join(' ')}; echo MaxStartups 100; echo AddressFamily inet; } >/etc/ssh/sshd_config.d/bench.conf && systemctl restart ssh`,
  )
  const { host } = labAddress(trial.way)
  const ways = ports.map((port, index) => addWay(trial.way, `host-${index + 1}`, host, port))
  const forget = async (): Promise<void> => void (await Promise.all(ways.map((way) => drift.forget(way))))
  const look = async (way: Way): Promise<void> => void (await runWell(drift.look(way), way.log))
  for (const way of ways) await look(way)
  const first = ways[0] as Way
  const putBack = withoutOthers(first.folder)
  await runWell(all(first), first.log)
  const [one, ten, tenCommands, bare] = (await takeTurns(rounds(7), [
    { name: 'drift, one host', before: forget, run: () => timed(() => look(first)) },
    {
      name: 'drift --all, ten hosts side by side',
      before: forget,
      run: () => timed(() => runWell(all(first), first.log)),
    },
    {
      name: 'ten commands of drift, started at once',
      before: forget,
      run: () => timed(() => Promise.all(ways.map(look))),
    },
    {
      name: 'ssh hinata-z2 true, ten side by side',
      run: () => timed(() => Promise.all(ways.map((way) => bareSsh(way).run()))),
    },
  ])) as [Sample, Sample, Sample, Sample]
  putBack()
  await forget()
  await onZ2(trial, 'rm -f /etc/ssh/sshd_config.d/bench.conf && systemctl restart ssh')
  const factor = median(ten) / median(one)
  return {
    title: 'Ten hosts side by side',
    rows: [
      {
        measured: '`drift -- --all` of ten hosts against one',
        target: `≤ ${most} ×`,
        got: `${times(factor)} (${seconds(median(ten))})`,
        met: factor <= most,
      },
    ],
    samples: [one, ten, tenCommands, bare],
    notes: [
      'All ten hosts are one lab on this machine: what ten Z2s would do by themselves, its cores do as well. The last line is what ten bare connections alone take here.',
    ],
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
