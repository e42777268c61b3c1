import { join } from 'node:path'
import { ansible } from './ansible/contender.ts'
import type { Command } from './child.ts'
import { pyinfra } from './pyinfra/contender.ts'
import { shell, shellOverMaster } from './shell/contender.ts'
import type { Tools } from './tool.ts'
import { endMaster, type Way } from './way.ts'

/** A program that looks whether the machines are as stacks/ declares. */
export type Contender = {
  name: string
  look(way: Way): Command
  /** the exit codes of a look that was made */
  codes: number[]
  /** ids of what is not as documented, in the output of a look */
  found(out: string): string[]
  /** ends the connection that would make the next look warm */
  forget(way: Way): Promise<void>
}

type DriftJson = { findings: { id: string; state: string }[] }

/** Ours, started as `npm run drift` starts it, without npm. */
export const drift: Contender = {
  name: 'drift',
  look: ({ folder, stack }) => ({
    program: process.execPath,
    args: ['scripts/drift.ts', '--json', '--stack', stack],
    cwd: folder,
    env: { NODE_COMPILE_CACHE: 'node_modules/.cache/compile' },
  }),
  codes: [0, 2, 4],
  found: (out) =>
    (JSON.parse(out) as DriftJson).findings.filter(({ state }) => state !== 'holds').map(({ id }) => id),
  // lib/ssh-options.ts has it so
  forget: (way) => endMaster(way, '~/.ssh/bulma-%C'),
}

/** All of them, ours first. `sockets`: a folder for those of the others, with a short path. */
export const contenders = (tools: Tools, sockets: string): Contender[] => [
  drift,
  pyinfra(tools.pyinfra),
  ...(['default', 'pipelining', 'mitogen'] as const).map((how) =>
    ansible(how, tools.ansible, join(sockets, 'a')),
  ),
  shell,
  shellOverMaster(join(sockets, 's')),
]

export function contenderNamed(all: Contender[], name: string): Contender {
  const one = all.find((each) => each.name === name)
  if (one === undefined) throw new Error(`nothing that is measured is called ${name}`)
  return one
}
