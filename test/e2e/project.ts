import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lab } from '../../lab/command.ts'
import type { Finding } from '../../lib/finding.ts'
import { projectDir } from '../../lib/io/project.ts'
import type { Summary } from '../../lib/plan.ts'
import { type Engine, ensureEngine } from '../../tools/engine.ts'
import { pulumiEnv } from '../../tools/pulumi-run.ts'
import { compiledFolder } from '../run-folder.ts'
import { record } from './recorded-state.ts'
import { SharedConnection } from './shared-connection.ts'

export type Ended = { code: number | null; out: string; err: string }
export type DriftJson = {
  stack: string
  host: string
  lookedAt: string
  tookMs: number
  summary: Summary
  findings: Finding[]
}

/** A checkout of its own with a lab of its own, so that test files can run side by side. */
export class Project {
  readonly dir: string
  readonly engine: Engine
  private readonly connection: SharedConnection

  constructor(dir: string, engine: Engine) {
    this.dir = dir
    this.engine = engine
    this.connection = new SharedConnection(dir)
  }

  /** What a program here finds in its environment; modules are compiled once for all projects, not at each of many starts. */
  get env(): Record<string, string | undefined> {
    const compiled = { NODE_COMPILE_CACHE: join(this.dir, '.compiled'), NODE_COMPILE_CACHE_PORTABLE: '1' }
    return { ...pulumiEnv(this.engine), PWD: this.dir, NO_COLOR: '1', ...compiled }
  }

  /** Any program, in the checkout, to its end. */
  run(program: string, args: string[], env: Record<string, string> = {}, input?: string): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: this.dir,
        env: { ...this.env, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      // One that ends without reading all of it says why by itself.
      child.stdin.on('error', () => undefined).end(input)
      const ended: Ended = { code: null, out: '', err: '' }
      child.stdout.on('data', (chunk: Buffer) => {
        ended.out += chunk.toString('utf8')
      })
      child.stderr.on('data', (chunk: Buffer) => {
        ended.err += chunk.toString('utf8')
      })
      child.once('error', reject)
      child.once('close', (code) => resolve({ ...ended, code }))
    })
  }

  /** One of our scripts, as npm would start it. */
  script(name: string, args: string[] = [], env: Record<string, string> = {}): Promise<Ended> {
    return this.run(process.execPath, [join(this.dir, 'scripts', `${name}.ts`), ...args], env)
  }

  /** A command on the lab's Z2, as a person would type it; what is a secret goes in by `input`. */
  async ssh(command: string, input?: string): Promise<Ended> {
    return this.run('ssh', await this.connection.arguments(command), {}, input)
  }

  async lab(...args: string[]): Promise<void> {
    // In this process: a program of its own for each fault took a tenth of a second, hundreds of times.
    if (args[0] === 'break' || args[0] === 'mend') {
      await lab(args, this.dir, { say: () => {}, tell: () => {} })
      return
    }
    const real = args[0] === 'up' && process.env.BULMA_LAB === 'real' ? ['--real'] : []
    const { code, out, err } = await this.script('lab', [...args, ...real])
    if (code !== 0) throw new Error(`lab ${args.join(' ')} ended with ${code}: ${out}${err}`)
  }

  async drift(): Promise<{ code: number | null; json: DriftJson }> {
    const { code, out, err } = await this.script('drift', ['--json', '--stack', 'lab'])
    if (!out.startsWith('{')) throw new Error(`drift ended with ${code}: ${err}`)
    return { code, json: JSON.parse(out) as DriftJson }
  }

  /** Ids of what is not as documented, without what hangs on another finding. */
  async off(): Promise<string[]> {
    const { json } = await this.drift()
    return json.findings.filter(({ state, cause }) => state !== 'holds' && cause === null).map(({ id }) => id)
  }

  /** A bare `pulumi`, as a person would type it after the README's set-up. */
  pulumi(...args: string[]): Promise<Ended> {
    return this.run(this.engine.pulumi, [...args, '--stack', 'lab', '--non-interactive', '--color', 'never'])
  }

  /** Names of the resources that a preview would change, and its exit code with --expect-no-changes. */
  async preview(): Promise<{ code: number | null; changed: string[]; says: string }> {
    const { code, out, err } = await this.pulumi('preview', '--expect-no-changes', '--json')
    const { steps = [], diagnostics = [] } = JSON.parse(out.slice(out.indexOf('{'))) as {
      steps?: { op: string; urn: string }[]
      diagnostics?: { message: string }[]
    }
    const changed = steps.filter(({ op }) => op !== 'same').map(({ urn }) => urn.split('::').at(-1) ?? '')
    return { code, changed, says: diagnostics.map(({ message }) => message).join('\n') + err }
  }

  /** `pulumi up` without questions; `changed` is what it really updated, by its own word. */
  async up(...args: string[]): Promise<Ended & { mended: string[] }> {
    const ended = await this.pulumi('up', '--yes', '--skip-preview', '--suppress-progress', ...args)
    const mended = [...ended.out.matchAll(/^.*Command (\S+) updated \(.*: mended$/gm)].map(
      ([, id = '']) => id,
    )
    return { ...ended, mended: mended.sort() }
  }

  async end(): Promise<void> {
    this.connection.end()
    if (existsSync(join(this.dir, '.lab'))) await this.script('lab', ['down'])
    rmSync(this.dir, { recursive: true, force: true })
  }
}

const parts = ['index.ts', 'package.json', 'lib', 'stacks', 'scripts', 'tools', 'lab']

/** A copy of this checkout in a temporary folder, with the engine and the packages that are already here. */
export async function newProject(): Promise<Project> {
  const engine = await ensureEngine()
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bulma-e2e-')))
  const stacks = readdirSync(projectDir).filter((name) => /^Pulumi\..*yaml$/.test(name))
  for (const name of [...parts, ...stacks])
    cpSync(join(projectDir, name), join(dir, name), { recursive: true })
  mkdirSync(join(dir, '.state'))
  for (const name of ['node_modules', '.toolchain']) symlinkSync(join(projectDir, name), join(dir, name))
  // Seen from here every project has its modules at the same places, so what one has compiled is good for all.
  symlinkSync(compiledFolder, join(dir, '.compiled'))
  return new Project(dir, engine)
}

/** The same with a lab that is up and a stack that knows it: every finding holds, the next preview is clean. */
export async function recordedProject(): Promise<Project> {
  const project = await newProject()
  await project.lab('up')
  await record(project)
  return project
}
