import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../lib/problem.ts'
import { runQuietly } from '../tools/child.ts'
import { readIfThere } from '../tools/executable.ts'
import { terminalProgress } from '../tools/progress.ts'

/** The folders of the comparison programs, each a Python environment of its own. Ignored by git, safe to delete. */
export type Tools = { ansible: string; pyinfra: string }

const folder = join(import.meta.dirname, '.tools')

/**
 * Installs the comparison programs from PyPI, once, as pinned in `<name>/requirements.txt`.
 * @throws Problem when PyPI cannot be reached
 */
export async function ensureTools(): Promise<Tools> {
  return { ansible: await ensureTool('ansible'), pyinfra: await ensureTool('pyinfra') }
}

async function ensureTool(name: keyof Tools): Promise<string> {
  const pins = join(import.meta.dirname, name, 'requirements.txt')
  const environment = join(folder, name)
  const stamp = join(environment, 'installed.txt')
  const wanted = readFileSync(pins, 'utf8')
  if (readIfThere(stamp) === wanted) return environment
  rmSync(environment, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const progress = terminalProgress()
  await progress.during(`installing ${name} from PyPI, once`, async () => {
    await must('python3', ['-m', 'venv', environment])
    await must(join(environment, 'bin/pip'), [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      pins,
    ])
  })
  writeFileSync(stamp, wanted)
  return environment
}

async function must(program: string, args: string[]): Promise<void> {
  const { code, tail } = await runQuietly(program, args)
  if (code !== 0) throw notInstalled(tail)
}

export const notInstalled = (why: string): Problem =>
  new Problem({
    what: 'the programs to compare with could not be installed',
    why,
    next: 'npm run bench',
    left: 'nothing was measured; bench/.tools is safe to delete',
  })

/** The one version of a package in an environment, as its pin says it. */
export function pinned(name: keyof Tools, what: string): string {
  const text = readFileSync(join(import.meta.dirname, name, 'requirements.txt'), 'utf8')
  return new RegExp(`^${what}==(.+)$`, 'm').exec(text)?.[1] ?? 'unknown'
}

/** Where the Python packages of an environment lie. */
export function packagesOf(environment: string): string {
  const [python = 'python3'] = readdirSync(join(environment, 'lib'))
  return join(environment, 'lib', python, 'site-packages')
}
