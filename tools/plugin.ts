import { accessSync, constants, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'
import { runQuietly } from './child.ts'
import { findOnPath, isExecutable, readIfThere, writeOnce } from './executable.ts'
import type { Progress } from './progress.ts'
import { projectDir, toolchainDir } from './project.ts'
import { whyNoneReachable } from './reachable.ts'
import { commandVersion, isAtLeast } from './version.ts'

/** The command plugin in use: what the engine's environment needs for it, and its name in a few words. */
export type Plugin = { env: Record<string, string>; says: string }

const binary = 'pulumi-resource-command'
const folder = `resource-command-v${commandVersion}`
const standInHome = `${toolchainDir}/pulumi-home`
const givenHome = `${toolchainDir}/pulumi-home-given`
// Why the stand-in is used. Asked again after an hour: the official plugin may be within reach by then.
const refusedFile = `${toolchainDir}/command-plugin.json`
const refusedForMs = 60 * 60 * 1000
type Refusal = { at: number; reason: string }

/** The environment of an engine whose home is ours: the one plugin in it, and logs that do not grow for ever. */
const homeEnv = (home: string): Record<string, string> => ({
  PULUMI_HOME: home,
  PULUMI_LOG_ROTATION_MAX_TOTAL_MB: '50',
  // A plugin of that name on PATH would be taken instead, with a warning on every run.
  ...(findOnPath(binary) ? { PULUMI_IGNORE_AMBIENT_PLUGINS: 'true' } : {}),
})

/** A person's own PULUMI_HOME; undefined where HOME cannot hold one. Ours, inherited from an outer run, is not theirs. */
export function personalHome(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.PULUMI_HOME && !env.PULUMI_HOME.startsWith(`${toolchainDir}/`)) return env.PULUMI_HOME
  if (!env.HOME) return undefined
  try {
    accessSync(homedir(), constants.W_OK)
    return `${homedir()}/.pulumi`
  } catch {
    return undefined // a home that cannot be written holds no Pulumi
  }
}

/** True where the engine finds the official plugin, this version or a later one of its major, in `home`. */
export function hasPlugin(home: string): boolean {
  try {
    const names = readdirSync(`${home}/plugins`)
    return names.some((name) => {
      const version = /^resource-command-v(\d+\.\d+\.\d+)$/.exec(name)?.[1]
      if (!version || !isAtLeast(version, commandVersion) || names.includes(`${name}.partial`)) return false
      return isExecutable(`${home}/plugins/${name}/${binary}`)
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function given(path: string): Plugin {
  if (!isExecutable(path))
    throw new Problem(
      {
        what: 'the command plugin of BULMA_COMMAND_PLUGIN cannot be used',
        why: `${path} is not a file that can be run`,
        next: `chmod +x ${path}, or unset BULMA_COMMAND_PLUGIN`,
        left: 'nothing was looked at and nothing was changed',
      },
      exitCode.usage,
    )
  const link = `${givenHome}/plugins/${folder}/${binary}`
  mkdirSync(dirname(link), { recursive: true })
  const partial = `${givenHome}/link-${process.pid}`
  // Renamed over the old one: an engine that starts at this moment finds a plugin.
  symlinkSync(path, partial)
  renameSync(partial, link)
  return { env: homeEnv(givenHome), says: `command plugin ${path}` }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function standIn(): Plugin {
  const words = [
    process.execPath,
    '--require',
    `${projectDir}/tools/compile-cache.cjs`,
    `${projectDir}/tools/command-provider/main.ts`,
  ]
  const script = `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`
  writeOnce(`${standInHome}/plugins/${folder}/${binary}`, script, 0o755)
  return { env: homeEnv(standInHome), says: 'command plugin: stand-in from tools/' }
}

async function download(pulumi: string, home: string, progress: Progress): Promise<string | undefined> {
  const arch = process.arch === 'x64' ? 'amd64' : 'arm64'
  const archive = `${binary}-v${commandVersion}-${process.platform}-${arch}.tar.gz`
  const unreachable = await progress.during('asking for the command plugin', () =>
    whyNoneReachable([
      `https://get.pulumi.com/releases/plugins/${archive}`,
      `https://github.com/pulumi/pulumi-command/releases/download/v${commandVersion}/${archive}`,
    ]),
  )
  if (unreachable) return unreachable
  const { code, tail } = await progress.during(`downloading the command plugin ${commandVersion}, once`, () =>
    runQuietly(pulumi, ['plugin', 'install', 'resource', 'command', commandVersion], {
      env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: '1' },
    }),
  )
  return code === 0 && hasPlugin(home) ? undefined : `pulumi plugin install: ${tail.split('\n').at(-1)}`
}

/**
 * The command plugin for `pulumi`: the one of BULMA_COMMAND_PLUGIN, else the official one (there, or downloaded now),
 * else the stand-in of this repository.
 * @throws Problem where BULMA_COMMAND_PLUGIN cannot be run
 */
export async function ensurePlugin(pulumi: string, progress: Progress): Promise<Plugin> {
  const path = process.env.BULMA_COMMAND_PLUGIN
  if (path) return given(resolve(path))
  // Where a person can have no home for Pulumi, it gets one here.
  const home = personalHome() ?? `${toolchainDir}/pulumi-home-official`
  const official = { env: { PULUMI_HOME: home }, says: `command plugin ${commandVersion}` }
  if (hasPlugin(home)) return official
  // The engine prefers one on PATH, and says so.
  const ambient = findOnPath(binary)
  if (ambient) return { ...official, says: `command plugin ${ambient}` }
  const refusal = JSON.parse(readIfThere(refusedFile) ?? 'null') as Refusal | null
  if (refusal && Date.now() - refusal.at < refusedForMs) return standIn()
  const reason = await download(pulumi, home, progress)
  if (!reason) return official
  writeOnce(refusedFile, JSON.stringify({ at: Date.now(), reason } satisfies Refusal))
  return standIn()
}
