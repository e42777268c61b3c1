import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { takeLock } from './build-lock.ts'
import { runQuietly } from './child.ts'
import { isExecutable } from './executable.ts'
import { buildWithGo, findGo } from './go-build.ts'
import { writeHostScript } from './language-host.ts'
import type { Progress } from './progress.ts'
import { projectDir, toolchainDir } from './project.ts'
import { whyUnreachable } from './reachable.ts'
import { engineVersion } from './version.ts'

/** An engine of this checkout's own. */
export type OwnEngine = { pulumi: string; how: 'installed' | 'built' }

// The name holds all that makes an engine unfit for another machine that shares the folder, and its recipe's number.
const recipe = 1
const platform = `${process.platform}-${process.arch}`
const folderOf = (how: OwnEngine['how']): string =>
  `${toolchainDir}/pulumi-${engineVersion}-${how}-${recipe}-${platform}`

/** What is there from an earlier run. A folder has its name only once all in it is complete. */
export function cachedEngine(): OwnEngine | undefined {
  for (const how of ['installed', 'built'] as const) {
    const bin = `${folderOf(how)}/bin`
    if (!isExecutable(`${bin}/pulumi`)) continue
    if (how === 'built') writeHostScript(bin)
    return { pulumi: `${bin}/pulumi`, how }
  }
  return undefined
}

function clearPartials(): void {
  for (const name of readdirSync(toolchainDir))
    if (name.startsWith('partial-')) rmSync(`${toolchainDir}/${name}`, { recursive: true, force: true })
}

async function install(partial: string, progress: Progress): Promise<string | undefined> {
  const arch = process.arch === 'x64' ? 'x64' : 'arm64'
  const archive = `pulumi-v${engineVersion}-${process.platform}-${arch}.tar.gz`
  const url = `https://get.pulumi.com/releases/sdk/${archive}`
  const unreachable = await progress.during('asking get.pulumi.com', () => whyUnreachable(url))
  if (unreachable) return unreachable
  const script = `${projectDir}/tools/install-pulumi.ts`
  const ended = await progress.during(`downloading Pulumi ${engineVersion}, once`, () =>
    runQuietly(process.execPath, [script, engineVersion, partial], {
      env: { ...process.env, NODE_USE_ENV_PROXY: '1' },
    }),
  )
  if (ended.code !== 0) return `Pulumi's installer failed: ${ended.tail.split('\n').at(-1)}`
  const bin = `${partial}/bin`
  const complete = isExecutable(`${bin}/pulumi`) && isExecutable(`${bin}/pulumi-language-nodejs`)
  return complete ? undefined : "Pulumi's installer left no language host"
}

/**
 * The engine of this checkout: from an earlier run, else by Pulumi's installer, else built with Go.
 * `passed` says why no engine on PATH is used. One process at a time does it, the others wait for it.
 * @throws Problem where none of it is possible
 */
export async function ownEngine(passed: string[], progress: Progress): Promise<OwnEngine> {
  const cached = cachedEngine()
  if (cached) return cached
  const release = await progress.during('waiting for another run that gets Pulumi', (detail) =>
    takeLock(toolchainDir, detail),
  )
  try {
    return await obtain(passed, progress)
  } finally {
    release()
  }
}

async function obtain(passed: string[], progress: Progress): Promise<OwnEngine> {
  const cached = cachedEngine()
  if (cached) return cached
  clearPartials()
  const finish = (how: OwnEngine['how'], partial: string): OwnEngine => {
    rmSync(folderOf(how), { recursive: true, force: true })
    renameSync(partial, folderOf(how))
    return { pulumi: `${folderOf(how)}/bin/pulumi`, how }
  }
  const installed = `${toolchainDir}/partial-installed`
  const failed = await install(installed, progress)
  if (!failed) return finish('installed', installed)
  const built = `${toolchainDir}/partial-built`
  mkdirSync(built, { recursive: true })
  await buildWithGo(findGo(), `${built}/bin`, [...passed, failed], progress)
  return finish('built', built)
}
