import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Config, parseConfig } from '../config.ts'
import { exitCode } from '../exit-code.ts'
import { Problem } from '../problem.ts'
import { projectDir } from './project.ts'
import { stackNames } from './stack-names.ts'

const prefix = 'bulma:'

/**
 * The configuration of a stack, read without the engine.
 * @throws Problem (64) when the stack has no file, the file is not YAML, or a key is wrong
 */
export function readStackConfig(stack: string, project = projectDir): Config {
  const name = `Pulumi.${stack}.yaml`
  const path = join(project, name)
  if (!/^[A-Za-z0-9_.-]+$/.test(stack) || !existsSync(path)) throw noStack(stack, project)
  return parseConfig(valuesOf(readYaml(path, name), name), name)
}

/** The same from what the engine gives a program: `bulma:key`, or `bulma:config:key` as it was once, → text, JSON for anything but text. */
export function readEngineConfig(values: Record<string, string>, stack: string): Config {
  const raw = Object.entries(values).map(
    ([key, value]) => [key.replace(/^bulma:config:/, prefix), value] as const,
  )
  return parseConfig(
    Object.fromEntries(
      raw
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), typed(value)]),
    ),
    `Pulumi.${stack}.yaml`,
  )
}

// The engine hands every value over as text: what reads as JSON other than text was not text in the file.
function typed(value: string): unknown {
  if (!/^(?:[[{]|true$|false$|-?\d+$)/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value // plain text that only looks like JSON; the schema judges it
  }
}

function readYaml(path: string, name: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw broken(name, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
}

function valuesOf(file: unknown, name: string): Record<string, unknown> {
  // One that holds nothing says that every default is right; text or a list in its place says nothing that can be used.
  if (file !== null && (typeof file !== 'object' || Array.isArray(file)))
    throw broken(name, 'it must be a map')
  const config = (file as { config?: unknown } | null)?.config ?? {}
  if (typeof config !== 'object' || Array.isArray(config)) throw broken(name, 'config must be a map')
  const ours = Object.entries(config as object).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(ours.map(([key, value]) => [key.slice(prefix.length), value]))
}

const broken = (name: string, why: string): Problem =>
  new Problem(
    {
      what: `${name} cannot be read`,
      why,
      next: `edit ${name}`,
      left: 'nothing was looked at and nothing was changed',
    },
    exitCode.usage,
  )

function noStack(stack: string, project: string): Problem {
  const known = stackNames(project)
  return new Problem(
    {
      what: `there is no stack ${JSON.stringify(stack)}`,
      why: `Pulumi.${stack}.yaml is not there; there are ${known.join(' and ')}`,
      next: `npm run drift -- --stack ${known[0] ?? 'z2'}`,
      left: 'nothing was looked at and nothing was changed',
    },
    exitCode.usage,
  )
}
