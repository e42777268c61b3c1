import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type Config, parseConfig } from '../../../lib/config.ts'
import { openUpload, type Upload } from '../../../lib/io/login/upload.ts'
import { Problem } from '../../../lib/problem.ts'
import { sshArguments } from '../../../lib/ssh-options.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'
import { type HostKeyType, keygen, type Sshd, startSshd } from './own-sshd.ts'

/** A Z2 that is only a staging folder behind a real sshd, and a person with an ssh configuration and a key. */
export type Scene = {
  folder: string
  staging: string
  config: Config
  sshd: Sshd
  key: string
  /** writes the person's configuration: lines for hinata-z2, which come first, and whole blocks after it */
  configure(lines?: string[], after?: string[]): void
  know(...lines: string[]): void
  /** `[127.0.0.1]:PORT TYPE BASE64` of the sshd */
  entry(type?: HostKeyType): string
  open(): Promise<Upload>
  /** what lies in the staging folder */
  staged(): string[]
  /** connections that were let in so far */
  logins(): number
  end(): Promise<void>
}

export async function makeScene(of: {
  name?: string
  hostKeys?: HostKeyType[]
  lines?: string[]
  authorized?: string[]
}): Promise<Scene> {
  const folder = temporaryFolder(of.name ?? 'upload')
  const key = join(folder, 'id')
  keygen(key, 'ed25519')
  const authorized = of.authorized ?? [readFileSync(`${key}.pub`, 'utf8')]
  const sshd = await startSshd(join(folder, 'sshd'), authorized, of.hostKeys, of.lines)
  const staging = join(folder, 'z2', 'mnt/data/hinata/data/.bulma-infra-staging')
  mkdirSync(staging, { recursive: true, mode: 0o700 })
  const config = parseConfig({ sshConfig: join(folder, 'ssh_config'), hostRoot: join(folder, 'z2') }, 'test')
  const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`

  const scene: Scene = {
    folder,
    staging,
    config,
    sshd,
    key,
    configure: (lines = [], after = []) => {
      const own = [
        ...lines,
        'HostName 127.0.0.1',
        `Port ${sshd.port}`,
        `User ${userInfo().username}`,
        `IdentityFile ${quoted(key)}`,
        'IdentitiesOnly yes',
        'IdentityAgent none',
        `UserKnownHostsFile ${quoted(join(folder, 'known_hosts'))}`,
        'GlobalKnownHostsFile /dev/null',
      ]
      writeFileSync(
        join(folder, 'ssh_config'),
        `Host hinata-z2\n${own.map((line) => `  ${line}\n`).join('')}${after.join('\n')}\n`,
      )
    },
    know: (...lines) => writeFileSync(join(folder, 'known_hosts'), lines.map((line) => `${line}\n`).join('')),
    entry: (type = 'ed25519') => `[127.0.0.1]:${sshd.port} ${sshd.hostKey(type)}`,
    open: () => openUpload(config, folder),
    staged: () => readdirSync(staging).sort(),
    logins: () => sshd.log().match(/Accepted publickey/g)?.length ?? 0,
    end: async () => {
      closeMaster(config)
      await sshd.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  scene.configure()
  scene.know(scene.entry(of.hostKeys?.[0]))
  return scene
}

/** Ends the connection that ssh keeps for a minute. */
export function closeMaster(config: Config): void {
  const words = sshArguments(config)
  spawnSync('ssh', [...words.slice(0, -2), '-O', 'exit', ...words.slice(-2)], { stdio: 'ignore' })
}

/** The Problem that something ends with. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof Problem) return error
  throw error
}
