import { execFile, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { endGroup, makeGroup } from '../../lab/real/cgroup.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'

const run = promisify(execFile)

/** A person with a home and a systemd of their own, real, as a login would start it. */
export class UserManager {
  readonly home = temporaryFolder('manager')
  readonly #name = `bulma-${basename(this.home)}`
  readonly #runtime = join(this.home, '.run')

  get env(): Record<string, string> {
    return { HOME: this.home, XDG_RUNTIME_DIR: this.#runtime }
  }

  async start(): Promise<void> {
    mkdirSync(this.#runtime, { recursive: true })
    chmodSync(this.#runtime, 0o700)
    const script = join(import.meta.dirname, 'user-manager.sh')
    const own = ['--mount', '--propagation', 'private', 'sh', script, this.#name, makeGroup(this.#name)]
    const env = { ...this.env, PATH: process.env.PATH ?? '' }
    spawn('unshare', own, { env, detached: true, stdio: 'ignore' }).unref()
    for (const endMs = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      if (existsSync(join(this.#runtime, 'systemd/private')) && (await this.ask('show-environment')) !== null)
        return
      if (Date.now() > endMs) throw new Error('no systemd of a person within 30 seconds')
    }
  }

  /** What `systemctl --user` prints; null when it fails. */
  async ask(...words: string[]): Promise<string | null> {
    try {
      const { stdout } = await run('systemctl', ['--user', ...words], {
        env: { ...process.env, ...this.env },
      })
      return stdout.trim()
    } catch {
      return null // told apart by who asks
    }
  }

  /** The machine is switched off: nothing is told, and all that ran is gone. */
  async stop(): Promise<void> {
    await endGroup(this.#name)
    removeEmpty(join('/sys/fs/cgroup/systemd', this.#name))
  }
}

/** Removes a control group of the older kind with those below it, once their processes are gone. */
function removeEmpty(folder: string): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name))
  rmdirSync(folder)
}
