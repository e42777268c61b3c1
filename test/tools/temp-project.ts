import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureEngine } from '../../tools/engine.ts'
import { projectDir } from '../../tools/project.ts'
import { pulumiEnv } from '../../tools/pulumi-run.ts'

export type Ended = { code: number | null; out: string }
export type Running = { child: ChildProcess; ended: Promise<Ended>; output: () => string }
export type TempProject = {
  dir: string
  write: (name: string, text: string) => void
  start: (program: string, args: string[], env?: Record<string, string>) => Running
  /** pulumi with these arguments, to its end */
  pulumi: (args: string[], env?: Record<string, string>) => Promise<Ended>
  remove: () => void
}

/** A program of one command, which CREATE and LAST of the environment change. */
export const oneCommand = `
import { local } from '@pulumi/command'
new local.Command('one', { create: process.env.CREATE ?? 'echo done', environment: { LAST: process.env.LAST ?? '' } })
`

const settings = `name: bulma
main: index.ts
runtime:
  name: nodejs
  options:
    typescript: false
backend:
  url: file://./.state
`

/** A Pulumi project of its own in a temporary folder, with `program` as its index.ts and the stack z2, not yet created. */
export async function tempProject(program: string): Promise<TempProject> {
  const engine = await ensureEngine()
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bulma-tools-')))
  const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)
  write('Pulumi.yaml', settings)
  write(
    'Pulumi.z2.yaml',
    'encryptionsalt: v1:1lPhyE0O2hQ=:v1:RbGk3oIpvgYG0jgf:EAVgN8YtVcvcV7yZrZxICh0Usyfw7A==\n',
  )
  write('package.json', '{"type":"module"}')
  write('index.ts', program)
  mkdirSync(join(dir, '.state'))
  symlinkSync(`${projectDir}/node_modules`, join(dir, 'node_modules'))
  const start = (name: string, args: string[], env: Record<string, string> = {}): Running => {
    const base = { ...process.env, PWD: dir }
    const child = spawn(name, args, {
      cwd: dir,
      env: { ...pulumiEnv(engine, base), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        out += chunk.toString('utf8')
      })
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code) => resolve({ code, out }))
    })
    return { child, ended, output: () => out }
  }
  return {
    dir,
    write,
    start,
    pulumi: (args, env) => start(engine.pulumi, [...args, '--color', 'never'], env).ended,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** Waits until `holds`, ten seconds at most. */
export async function until(holds: () => boolean): Promise<void> {
  const last = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > last) throw new Error('waited ten seconds for nothing')
    await sleep(20)
  }
}

/** True once no process has that id. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true // no such process
  }
}
