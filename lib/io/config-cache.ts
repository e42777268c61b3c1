import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { projectDir } from './project.ts'

// Reading YAML and checking it costs more than all the rest that must happen before ssh can start. What was checked once
// is kept, under a digest of the stack's file and of the check itself: a change of either is a miss.

const folder = join(projectDir, 'node_modules/.cache/bulma')

/** The configuration of a stack, from the cache or, the first time, from its file. @throws Problem (64) as readStackConfig */
export async function stackConfig(stack: string): Promise<Config> {
  const key = digest(stack)
  const path = join(folder, `${key}.json`)
  const kept = key && read(path)
  if (kept) return JSON.parse(kept) as Config
  const { readStackConfig } = await import('./stack-file.ts')
  const config = readStackConfig(stack)
  if (key) keep(path, JSON.stringify(config))
  return config
}

function digest(stack: string): string {
  const file = /^[A-Za-z0-9_.-]+$/.test(stack) ? read(join(projectDir, `Pulumi.${stack}.yaml`)) : ''
  const checks = ['../config.ts', './stack-file.ts'].map((name) => read(join(import.meta.dirname, name)))
  return (
    file &&
    createHash('sha256')
      .update([stack, file, ...checks].join('\0'))
      .digest('hex')
      .slice(0, 32)
  )
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
