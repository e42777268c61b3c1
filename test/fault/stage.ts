import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, type LoginPlace, loginPlace } from '../e2e/login-place.ts'
import type { Ended } from '../e2e/project.ts'
import { liveChainIsSomewhere } from './killed-login.ts'
import { leaks } from './needle.ts'
import { watchProcesses } from './process-list.ts'

/** A command of ours and what it has to end with. `more` are its own arguments. */
export type Command = { name: string; code: number; more?: string[] }

/** The commands that look at Z2, each with the exit code of a look that could not be made. */
export const blocked: Command[] = [
  { name: 'drift', code: 3 },
  { name: 'drift', code: 3, more: ['--json'] },
  { name: 'doctor', code: 3 },
  { name: 'status', code: 3 },
  // Pulumi's own code
  { name: 'preview', code: 1 },
  { name: 'up', code: 3, more: ['--yes'] },
  { name: 'verify', code: 3, more: ['monzo'] },
  { name: 'push', code: 3, more: ['monzo'] },
  { name: 'reauth', code: 3, more: ['truelayer', '--no-open', '--anyway', '--yes'] },
]

/** What a terminal would obey, or what turns the direction of writing. */
const steering = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u

/** A word that says all is well. */
const fine = /\b\d+ hold\b(?! ·)|^\w+ +healthy$/m

/** A lab with its banks, the commands that are run in it, and the three promises. */
export class Stage {
  readonly place: LoginPlace
  commands = 0
  private readonly processes = watchProcesses()
  private readonly told: string[] = []

  constructor(place: LoginPlace) {
    this.place = place
  }

  get project() {
    return this.place.project
  }

  file(name: string): string {
    return join(this.project.dir, name)
  }

  /** One of our commands, as npm would start it. What it prints holds no secret. */
  async run(name: string, more: string[] = [], env: Record<string, string> = {}): Promise<Ended> {
    const ended = await this.project.script(name, [...more, '--stack', 'lab'], env)
    this.commands += 1
    this.hears(ended.out + ended.err, name)
    return ended
  }

  /** Something was printed. @throws Error where there is a secret in it, or what steers a terminal */
  hears(text: string, by: string): void {
    expect(leaks(text), `${by} printed a secret`).toEqual([])
    expect(steering.exec(text), `${by} printed a control character: ${JSON.stringify(text)}`).toBe(null)
    this.told.push(text)
  }

  /**
   * Runs commands, each of which cannot look.
   * @param sees what each says, in any of its two outputs
   * @returns `drift 3, up 3`
   */
  async allBlind(
    commands: Command[],
    sees: string | RegExp,
    env: Record<string, string> = {},
  ): Promise<string> {
    for (const { name, code, more = [] } of commands) {
      const { code: got, out, err } = await this.run(name, more, env)
      const text = `${name} ended with ${got}:\n${out}${err}`
      expect([name, got], text).toEqual([name, code])
      expect(out, text).not.toMatch(fine)
      // A report breaks lines where they are full.
      const said = (out + err).replace(/\s+/g, ' ')
      expect(said, text).toMatch(typeof sees === 'string' ? plainly(sees) : sees)
      expect(err, text).not.toMatch(/this is a bug|\n {4}at /)
    }
    return codes(commands)
  }

  /** Names of what differs, of causes only; [] means that the look says that all holds. */
  off(): Promise<string[]> {
    return this.project.off()
  }

  /** Fingerprints of both token files of Z2 and of what lies on the Mac. */
  async chains(): Promise<string[]> {
    const on = await Promise.all(banks.map((bank) => this.place.refreshOnZ2(bank)))
    const mac = banks.flatMap((bank) =>
      this.place.macFiles(bank).map((name) => `${name} ${readFileSync(this.place.mac(bank, name), 'utf8')}`),
    )
    return [...on, ...mac].map((text) => createHash('sha256').update(text).digest('hex'))
  }

  /** @throws Error when a bank's live token is neither on Z2 nor on the Mac */
  async keepsChains(of: Bank[] = banks): Promise<void> {
    for (const bank of of)
      expect([bank, await liveChainIsSomewhere(this.place, bank)], 'the live token is somewhere').toEqual([
        bank,
        true,
      ])
  }

  /** Ends the connection that commands share, so that the next one has to connect. */
  hangUp(): void {
    for (const path of this.sockets()) {
      try {
        execFileSync('ssh', ['-O', 'exit', '-o', `ControlPath=${path}`, 'x'], {
          stdio: 'ignore',
          timeout: 3000,
        })
      } catch {
        // nobody listens there any more
      }
    }
  }

  private sockets(): string[] {
    const path = this.socketPath()
    return path && existsSync(path) ? [path] : []
  }

  /** Where the connection that commands share lies; empty where ssh does not understand its configuration. */
  socketPath(): string {
    const { stdout } = spawnSync('ssh', ['-G', ...this.sshOptions()], {
      encoding: 'utf8',
      cwd: this.project.dir,
    })
    return /^controlpath (.*)$/m.exec(stdout)?.[1] ?? ''
  }

  private sshOptions(): string[] {
    return ['-F', '.lab/ssh_config', '-o', 'ControlPath=~/.ssh/bulma-%C', 'hinata-z2']
  }

  /** Changes the lab's ssh_config for as long as `work` goes on. */
  async withSsh<T>(change: (text: string) => string, work: () => Promise<T>): Promise<T> {
    const path = this.file('.lab/ssh_config')
    const before = readFileSync(path, 'utf8')
    this.hangUp()
    writeFileSync(path, change(before))
    try {
      return await work()
    } finally {
      this.hangUp()
      writeFileSync(path, before)
    }
  }

  /** Whoever was printed to, and what was written: no secret in Pulumi's state and in temporary files. */
  async end(): Promise<{ looks: number }> {
    const seen = this.processes.stop()
    expect(seen.leaks).toEqual([])
    const folders = [this.file('.state'), this.file('.lab/history')].filter(existsSync)
    const written = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter((one) => one.isFile())
        .map((one) => join(one.parentPath, one.name)),
    )
    const found = written.filter((path) => {
      const bytes = readFileSync(path)
      return leaks((/\.gz$/.test(path) ? gunzipSync(bytes) : bytes).toString('latin1')).length > 0
    })
    expect(found).toEqual([])
    const ours = readdirSync(tmpdir()).filter((name) => /^(core\.|node-report|report\.)/.test(name))
    expect(ours).toEqual([])
    await this.place.end()
    return { looks: seen.looks }
  }
}

/** `drift 3, up 3`, each command once. */
export const codes = (commands: Command[]): string =>
  [...new Set(commands.map(({ name, code }) => `${name} ${code}`))].join(', ')

const plainly = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))

/** A stage with both banks logged in once, so that there is a record of whose accounts they are. */
export async function newStage(of: Parameters<typeof loginPlace>[0] = {}): Promise<Stage> {
  return new Stage(await loginPlace({ recorded: true, ...of }))
}
