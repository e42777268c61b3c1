import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { projectName, stateFolder } from './project.ts'

type Operation = { type?: string; resource?: { urn?: string } }
type Deployment = { pending_operations?: Operation[] }
type Checkpoint = { checkpoint?: { latest?: Deployment } }

function stateFile(dir: string, stack: string): string | undefined {
  const base = `${dir}/${stateFolder}/.pulumi/stacks/${projectName}/${stack}.json`
  return [`${base}.gz`, base].find((path) => existsSync(path))
}

/** True once the stack has been created in this checkout. */
export const hasState = (dir: string, stack: string): boolean => stateFile(dir, stack) !== undefined

/** The names of resources whose creation was cut short: the engine never clears them by itself. */
export function pendingCreates(dir: string, stack: string): string[] {
  const path = stateFile(dir, stack)
  if (!path) return []
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return namesOfPending((JSON.parse(text) as Checkpoint).checkpoint?.latest)
}

/** The same from what `pulumi stack export` prints, wherever the state lies. */
export const pendingInExport = (text: string): string[] =>
  namesOfPending((JSON.parse(text) as { deployment?: Deployment }).deployment)

const namesOfPending = (deployment: Deployment | undefined): string[] =>
  (deployment?.pending_operations ?? [])
    .filter((operation) => operation.type === 'creating')
    .map((operation) => operation.resource?.urn?.split('::').at(-1) ?? 'a resource')
