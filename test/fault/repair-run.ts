import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Config, parseConfig } from '../../lib/config.ts'
import { observe } from '../../lib/io/observe.ts'
import { repairText } from '../../lib/io/repair-text.ts'
import type { Observed } from '../../lib/outcome.ts'
import { type Resource, resources } from '../../lib/resource.ts'
import type { Project } from '../e2e/project.ts'

// A look and repairs without the engine and without a process of their own: the very ssh command and script that the engine
// would run, in the order in which it would. Hundreds of them take minutes.

const text = repairText()

/** The configuration of the lab of a project, as one that any folder can use. */
export function configOf({ dir }: Project): Config {
  return parseConfig(
    {
      sshConfig: join(dir, '.lab/ssh_config'),
      hostRoot: '.lab/z2',
      containerRoot: '.lab/ct109',
      macMonzoDir: join(dir, '.lab/home/Sandpit/hinata-sandpit/data/bulma'),
      macTruelayerDir: join(dir, '.lab/home/Sandpit/hinata/data/bulma'),
    },
    'the test',
  )
}

/** The same look as every command's. @throws Problem (3) when Z2 could not be looked at */
export const lookAt = (project: Project): Promise<Observed> => observe(configOf(project), 'lab')

/** What is not as it must be, without what hangs on something else. */
export const offOf = ({ look }: Observed): string[] =>
  look.findings.filter(({ state, cause }) => state !== 'holds' && cause === null).map(({ id }) => id)

export type Repaired = { name: string; code: number | null; said: string }

/** The changed resources of a look, in their order. */
export const repairsOf = ({ declaration, look }: Observed): Resource[] =>
  resources(declaration, look.findings, randomUUID(), text).filter(
    ({ ignoreChanges }) => ignoreChanges.length === 0,
  )

/**
 * Runs one repair to its end, or until it is killed.
 * @param killAfterMs kill -9 of its ssh
 */
export function repair({ dir }: Project, { name, args }: Resource, killAfterMs?: number): Promise<Repaired> {
  const [program = '', ...words] = args.interpreter
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words, args.create], {
      cwd: dir,
      env: { ...process.env, ...args.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    let said = ''
    const add = (chunk: Buffer): void => {
      said += chunk.toString('utf8')
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.stdin.on('error', () => undefined).end(args.stdin ?? '')
    child.once('error', reject)
    // A master that this very client has started keeps standard error open.
    child.once('exit', (code) => {
      clearTimeout(timer)
      setTimeout(() => resolve({ name, code, said: said.replaceAll('\r\n', '\n') }), 5)
    })
  })
}

/** Runs what differs as the engine would: after a failure nothing that depends on it. */
export async function repairAll(
  project: Project,
  seen: Observed,
  kill?: () => number | undefined,
): Promise<Repaired[]> {
  const done: Repaired[] = []
  const all = resources(seen.declaration, seen.look.findings, randomUUID(), text)
  const failed = new Set<string>()
  for (const one of all) {
    if (one.dependsOn.some((name) => failed.has(name))) {
      failed.add(one.name)
      continue
    }
    if (one.ignoreChanges.length > 0) continue
    const ended = await repair(project, one, kill?.())
    if (ended.code !== 0) failed.add(one.name)
    done.push(ended)
  }
  return done
}
