import { isDeepStrictEqual } from 'node:util'
import { isUnknown, revealed } from './value.ts'

/** The inputs of command:local:Command 1.2.1 that the stand-in runs, without marks of secrecy. */
export type Inputs = {
  interpreter?: string[]
  create?: string
  update?: string
  delete?: string
  dir?: string
  environment?: Record<string, string>
  stdin?: string
  logging?: string
  addPreviousOutputInEnv?: boolean
  triggers?: unknown[]
}
/** What a run leaves behind, in the state beside the inputs. */
export type Outputs = { stdout: string; stderr: string }
export type Failure = { property: string; reason: string }
type Raw = Record<string, unknown>

const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isTextMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)

const kinds: Record<string, { of: string; holds: (value: unknown) => boolean }> = {
  interpreter: { of: 'a list of strings', holds: isTexts },
  create: { of: 'a string', holds: isText },
  update: { of: 'a string', holds: isText },
  delete: { of: 'a string', holds: isText },
  dir: { of: 'a string', holds: isText },
  environment: { of: 'a map of strings', holds: isTextMap },
  stdin: { of: 'a string', holds: isText },
  logging: { of: 'a string', holds: isText },
  addPreviousOutputInEnv: { of: 'true or false', holds: (value) => typeof value === 'boolean' },
  triggers: { of: 'a list', holds: Array.isArray },
}
const notHere = new Set(['assetPaths', 'archivePaths'])

/** The wanted inputs with the one default that the published schema has, and what is wrong with them. */
export function check(news: Raw): { inputs: Raw; failures: Failure[] } {
  const failures: Failure[] = []
  for (const [property, raw] of Object.entries(news)) {
    const kind = kinds[property]
    if (property.startsWith('__') || isUnknown(raw)) continue
    if (notHere.has(property))
      failures.push({
        property,
        reason: 'this stand-in for pulumi-resource-command collects no files: the official plugin does',
      })
    else if (!kind) failures.push({ property, reason: `command:local:Command has no input ${property}` })
    else if (!kind.holds(revealed(raw))) failures.push({ property, reason: `must be ${kind.of}` })
  }
  return { inputs: { ...news, addPreviousOutputInEnv: news.addPreviousOutputInEnv ?? true }, failures }
}

/** Any input that differs from the state updates; `triggers` replaces. Marks of secrecy alone are no difference. */
export function diff(olds: Raw, news: Raw): { changes: boolean; replaces: string[] } {
  const names = [...Object.keys(kinds), ...notHere]
  const changed = names.filter((name) => !isDeepStrictEqual(revealed(olds[name]), revealed(news[name])))
  return { changes: changed.length > 0, replaces: changed.filter((name) => name === 'triggers') }
}

/** The inputs as `run` takes them. `check` has seen their shape before the engine passes them on. */
export const inputsOf = (raw: Raw): Inputs => revealed(raw) as Inputs

/** The inputs that a state carries beside its outputs. */
export const inputsIn = (state: Raw): Raw =>
  Object.fromEntries(Object.entries(state).filter(([name]) => name !== 'stdout' && name !== 'stderr'))
