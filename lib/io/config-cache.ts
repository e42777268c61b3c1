import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { projectDir } from './project.ts'

// Reading YAML and checking it costs more than all the rest that must happen before ssh can start. What was checked once
// is kept beside the text that it was made from and the age of the code that checked it: another text or newer code is a
// miss. Compared as a whole, since loading a digest takes longer than comparing a few hundred bytes.

const folder = join(projectDir, 'node_modules/.cache/bulma')
const checks = ['../config.ts', '../config-login.ts', '../config-watch.ts', './stack-file.ts'].map((name) =>
  join(import.meta.dirname, name),
)

/** The configuration of a stack, from the cache or, the first time, from its file. @throws Problem (64) as readStackConfig */
export async function stackConfig(stack: string): Promise<Config> {
  const from = /^[A-Za-z0-9_.-]+$/.test(stack) ? origin(stack) : ''
  const path = join(folder, `${stack}.json`)
  const kept = from ? read(path) : undefined
  if (kept?.startsWith(from)) return JSON.parse(kept.slice(from.length)) as Config
  const { readStackConfig } = await import('./stack-file.ts')
  const config = readStackConfig(stack)
  if (from) keep(path, from + JSON.stringify(config))
  return config
}

/** What a cached configuration was made from; empty when the stack has no file. */
function origin(stack: string): string {
  const text = read(join(projectDir, `Pulumi.${stack}.yaml`))
  return text && `${JSON.stringify([text, ...checks.map((path) => statSync(path).mtimeMs)])}\n`
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // not there: a miss, and the reader of the real file says what is wrong
  }
}

function keep(path: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.${process.pid}`, text, { mode: 0o600 })
    renameSync(`${path}.${process.pid}`, path)
  } catch {
    return // a checkout that cannot be written to is merely slower
  }
}
