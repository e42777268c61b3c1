import type { Engine } from '../tools/engine.ts'
import { runWell } from './child.ts'
import type { Contender } from './contender.ts'
import type { Subject } from './round.ts'
import type { Tools } from './tool.ts'
import type { Trial } from './trial.ts'
import { alias, alone, type Way } from './way.ts'

/** What every measurement has to work with. */
export type Bench = {
  trial: Trial
  tools: Tools
  engine: Engine
  all: Contender[]
  /** a folder for the sockets of the others, with a short path */
  sockets: string
  /** how often something is repeated: `wanted` times, fewer in a quick run */
  rounds(wanted: number): number
}

/** A look over a connection that is made for it. */
export const coldLook = (one: Contender, way: Way, name = one.name): Subject => ({
  name,
  before: () => one.forget(way),
  run: async () => (await runWell(one.look(way), way.log, one.codes)).ms,
})

/** `ssh hinata-z2 true`, alone on its connection. */
export const bareSsh = (way: Way, name = `ssh ${alias} true`): Subject => ({
  name,
  run: async () => {
    const command = { program: 'ssh', args: [...alone(way), alias, 'true'], cwd: way.folder }
    return (await runWell(command, way.log)).ms
  },
})

/** Runs a program of the shell on Z2, for what the lab has no switch for. */
export const onZ2 = async ({ way, log }: Trial, program: string): Promise<void> =>
  void (await runWell({ program: 'ssh', args: [...alone(way), alias, program], cwd: way.folder }, log))
