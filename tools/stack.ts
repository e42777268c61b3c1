import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'
import type { Backend } from './backend.ts'
import { readIfThere } from './executable.ts'
import { projectName, stateFolder } from './project.ts'
import { askPulumi, pulumiEnv, type Workplace } from './pulumi-run.ts'
import { hasState } from './state-file.ts'

type Settings = { stack?: string; stacks?: Record<string, string> }

/** The project's path as Go's Getwd gives it: $PWD where that is the same folder, links and all. */
function pathForGo(dir: string, pwd = process.env.PWD): string {
  if (!pwd?.startsWith('/') || !existsSync(pwd)) return dir
  return realpathSync(pwd) === realpathSync(dir) ? pwd : dir
}

/** The stack that a bare `pulumi preview` in the project would use. The file is named after the path of Pulumi.yaml. */
export function selectedStack({ engine, dir }: Workplace): string | undefined {
  const home = pulumiEnv(engine).PULUMI_HOME ?? `${homedir()}/.pulumi`
  const hash = createHash('sha1')
    .update(`${pathForGo(dir)}/Pulumi.yaml`)
    .digest('hex')
  const text = readIfThere(`${home}/workspaces/${projectName}-${hash}-workspace.json`)
  if (text === undefined) return undefined
  const { stack, stacks } = JSON.parse(text) as Settings
  const name = stacks?.[`file://./${stateFolder}`] ?? stack
  return name?.split('/').at(-1)
}

/**
 * Asked before anything is downloaded or built: a mistyped name must not create a stack.
 * @throws Problem (64) for a stack that this project does not have
 */
export function requireStack(dir: string, stack: string): void {
  if (existsSync(`${dir}/Pulumi.${stack}.yaml`)) return
  const lines = {
    what: `there is no stack ${stack} here`,
    why: `Pulumi.${stack}.yaml does not exist`,
    next: 'npm run preview -- --stack z2',
    left: 'nothing was looked at and nothing was changed',
  }
  throw new Problem(lines, exitCode.usage)
}

/**
 * Makes sure that the stack exists here, and that a bare `pulumi preview` has a stack to work on: this one, unless the
 * person has chosen another. Starts pulumi only where something is missing.
 * @throws Problem where the engine refuses
 */
export async function ensureStack(place: Workplace, stack: string, backend: Backend): Promise<void> {
  const { dir } = place
  const { hasChosen, isThere } = backend.isOurs
    ? stacksHere(place, stack)
    : await stacksThere(place, stack, backend)
  if (hasChosen && isThere) return
  if (backend.isOurs) mkdirSync(`${dir}/${stateFolder}`, { recursive: true })
  const args = hasChosen ? ['stack', 'init', '--no-select', stack] : ['stack', 'select', '--create', stack]
  const { code, tail } = await askPulumi(place, args)
  if (code === 0) return
  throw new Problem({
    what: `the stack ${stack} could not be selected`,
    why: tail,
    next: `pulumi ${args.join(' ')}`,
    left: 'nothing was looked at and nothing was changed',
  })
}

type Stacks = { hasChosen: boolean; isThere: boolean }

function stacksHere(place: Workplace, stack: string): Stacks {
  const selected = selectedStack(place)
  const hasChosen = selected !== undefined && hasState(place.dir, selected)
  return { hasChosen, isThere: hasState(place.dir, stack) }
}

/** Only the engine can read what is not in our own folder. */
async function stacksThere(place: Workplace, stack: string, { shown }: Backend): Promise<Stacks> {
  const { code, out, tail } = await askPulumi(place, ['stack', 'ls', '--json'])
  if (code !== 0)
    throw new Problem({
      what: `the state in ${shown} cannot be read`,
      why: tail,
      next: 'see that it can be reached, and that this machine may use it: README.md, "Where the state lies"',
      left: 'nothing was looked at and nothing was changed',
    })
  const all = JSON.parse(out) as { name: string; current: boolean }[]
  return {
    hasChosen: all.some(({ current }) => current),
    isThere: all.some(({ name }) => name.split('/').at(-1) === stack),
  }
}
