import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { Problem } from '../lib/problem.ts'
import { runQuietly } from './child.ts'
import { findOnPath, isExecutable } from './executable.ts'
import { hostBinary, writeHostScript } from './language-host.ts'
import type { Progress } from './progress.ts'
import { projectDir, toolchainDir } from './project.ts'
import { engineVersion, hostVersion } from './version.ts'

const installPage = 'https://www.pulumi.com/docs/iac/download-install/'

type Part = { what: string; module: string; package: string; args: string[]; binary: string }
const parts: Part[] = [
  {
    what: `building Pulumi ${engineVersion} from source, once, about 4 minutes`,
    module: 'engine',
    package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    args: [
      '-tags=osusergo,grpcnotrace',
      `-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${engineVersion}`,
    ],
    binary: 'pulumi',
  },
  {
    what: `building its Node language host ${hostVersion} from source, once, less than a minute`,
    module: 'language-host',
    package: 'github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs',
    args: ['-ldflags=-s -w'],
    binary: hostBinary,
  },
]

/** The `go` of this machine, also where its installer puts it without touching PATH. */
export const findGo = (): string | undefined =>
  findOnPath('go') ?? ['/usr/local/go/bin/go', '/opt/homebrew/bin/go'].find(isExecutable)

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false // no such folder, or not ours: the caller uses another
  }
}

/** Go's caches stay where this machine has them; where there is no home for them, they go into the toolchain. */
export function goEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // CGO off: no C compiler needed, and the same program from every machine.
  const build = { ...env, GOWORK: 'off', GO111MODULE: 'on', CGO_ENABLED: '0' }
  if (env.HOME && isWritable(homedir())) return build
  return {
    ...build,
    GOCACHE: env.GOCACHE ?? `${toolchainDir}/go/build`,
    GOPATH: env.GOPATH ?? `${toolchainDir}/go/path`,
    // Modules are read-only otherwise, and the folder could not be deleted.
    GOFLAGS: `${env.GOFLAGS ?? ''} -modcacherw`.trim(),
  }
}

async function build(go: string, part: Part, bin: string, progress: Progress): Promise<void> {
  const args = ['build', '-v', '-buildvcs=false', '-mod=readonly', '-trimpath', ...part.args]
  const ended = await progress.during(part.what, (detail) => {
    let packages = 0
    return runQuietly(go, [...args, '-o', `${bin}/${part.binary}`, part.package], {
      cwd: `${projectDir}/tools/go/${part.module}`,
      env: goEnvironment(),
      onLine: (line) =>
        detail(line.startsWith('go: ') ? line.slice('go: '.length) : `${++packages} packages`),
    })
  })
  if (ended.code === 0) return
  throw new Problem({
    what: `${part.binary} could not be built from source`,
    why: ended.tail,
    next: `install Pulumi: ${installPage}`,
    left: 'nothing was looked at and nothing was changed; a second try carries on where this one stopped',
  })
}

/**
 * Builds engine and language host with `go` into the folder `bin`. `passed` says why nothing better was there.
 * @throws Problem without Go, and where the build fails
 */
export async function buildWithGo(
  go: string | undefined,
  bin: string,
  passed: string[],
  progress: Progress,
): Promise<void> {
  if (!go)
    throw new Problem({
      what: 'Pulumi is not installed',
      why: [...passed, 'go: not found, so it cannot be built from source either'].join('\n'),
      next: `install Pulumi: ${installPage}`,
      left: 'nothing was looked at and nothing was changed',
    })
  mkdirSync(bin, { recursive: true })
  for (const part of parts) await build(go, part, bin, progress)
  writeHostScript(bin)
}
