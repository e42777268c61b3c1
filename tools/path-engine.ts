import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { runQuietly } from './child.ts'
import { findOnPath, isExecutable, readIfThere, writeOnce } from './executable.ts'
import { toolchainDir } from './project.ts'
import { isAtLeast, leastEngine, parseVersion } from './version.ts'

/** A `pulumi` of the person's own: usable, or passed over with the reason. */
export type PathEngine = { pulumi: string; version: string } | { reason: string }
type Stamp = { key: string; found: PathEngine }

const stampFile = `${toolchainDir}/path-engine.json`

/** What must stay the same for an answer to stay true: both files, and what we ask of them. */
function keyOf(files: string[]): string {
  const parts = files.map((file) => {
    const { ino, size, mtimeMs } = statSync(file)
    return `${realpathSync(file)} ${ino} ${size} ${mtimeMs}`
  })
  return [leastEngine, ...parts].join('\n')
}

/** A version manager's shim is the same file whatever version it starts: its answer cannot be kept. */
function isShim(pulumi: string): boolean {
  if (!basename(realpathSync(pulumi)).startsWith('pulumi')) return true
  return readFileSync(pulumi).subarray(0, 2).toString() === '#!'
}

/** The language host that an engine would use: the one beside it, or the one on PATH. */
function hostOf(pulumi: string): string | undefined {
  const beside = `${dirname(realpathSync(pulumi))}/pulumi-language-nodejs`
  return isExecutable(beside) ? beside : findOnPath('pulumi-language-nodejs')
}

async function judge(pulumi: string, host: string | undefined): Promise<PathEngine> {
  const { code, out, tail } = await runQuietly(pulumi, ['version'], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' },
  })
  const version = parseVersion(out)?.join('.')
  if (code !== 0 || !version) return { reason: `${pulumi} does not run: ${tail.split('\n').at(-1)}` }
  if (!isAtLeast(version, leastEngine)) return { reason: `${pulumi} is ${version}, needed is ${leastEngine}` }
  if (!host) return { reason: `${pulumi} has no pulumi-language-nodejs` }
  // Go's flag package answers -h with its flags and 0 or 2; a host that is broken ends otherwise.
  const asked = await runQuietly(host, ['-h'])
  return asked.code === 0 || asked.code === 2 ? { pulumi, version } : { reason: `${host} does not run` }
}

/** Looks for a `pulumi` on PATH and judges it, once for each state of its files. Undefined where there is none. */
export async function findPathEngine(path = process.env.PATH): Promise<PathEngine | undefined> {
  const pulumi = findOnPath('pulumi', path)
  // Our own toolchain may be on PATH (a run inside a run): it is found without PATH and described better.
  if (!pulumi || pulumi.startsWith(`${toolchainDir}/`)) return undefined
  const host = hostOf(pulumi)
  if (isShim(pulumi)) return judge(pulumi, host)
  const key = keyOf(host ? [pulumi, host] : [pulumi])
  const stamp = JSON.parse(readIfThere(stampFile) ?? 'null') as Stamp | null
  if (stamp?.key === key) return stamp.found
  const found = await judge(pulumi, host)
  writeOnce(stampFile, JSON.stringify({ key, found } satisfies Stamp))
  return found
}
