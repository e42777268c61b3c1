import { execFileSync, spawn } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { anyPort } from '../any-port.ts'

/** Debian keeps the programs of each version apart; the newest is taken. */
const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1)

/** Whether tests with a real PostgreSQL run: always in CI, where a missing one is a failure. */
export const hasPostgres = programs !== undefined || process.env.CI !== undefined

const password = 'canary-of-postgres-31f0c2'

/** A PostgreSQL server of its own, on loopback, that asks for a password. */
export class PostgresServer {
  readonly password = password
  readonly port: number
  readonly #folder: string
  #child: ReturnType<typeof spawn> | undefined

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  static async start(): Promise<PostgresServer> {
    if (programs === undefined) throw new Error('no PostgreSQL here: apt-get install postgresql')
    const folder = mkdtempSync(join(tmpdir(), 'bulma-postgres-'))
    const server = new PostgresServer(await anyPort(), folder)
    const who = server.#owner()
    const word = join(folder, 'word')
    writeFileSync(word, password, { mode: 0o600 })
    for (const path of [folder, word]) if (who.uid !== undefined) chownSync(path, who.uid, who.gid ?? who.uid)
    const made = ['-D', join(folder, 'data'), '-U', 'bulma', '-A', 'scram-sha-256', '--pwfile', word, '-N']
    execFileSync(join(programs, 'initdb'), made, { ...who, cwd: folder, stdio: 'pipe' })
    await server.begin()
    return server
  }

  /** PostgreSQL does not run as root; Debian's packages bring a person for it. */
  #owner(): { uid?: number; gid?: number } {
    if (process.getuid?.() !== 0) return {}
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
    return { uid: id('-u'), gid: id('-g') }
  }

  async begin(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'].flatMap(
      (one) => ['-c', one],
    )
    this.#child = spawn(
      join(programs ?? '', 'postgres'),
      ['-D', join(this.#folder, 'data'), '-p', String(this.port), ...settings],
      { ...this.#owner(), cwd: this.#folder, stdio: 'ignore' },
    )
    for (const endMs = Date.now() + 30_000; ; await sleep(100)) {
      try {
        if (this.ask('select 1') === '1') return
      } catch (error) {
        if (Date.now() > endMs) throw error
      }
    }
  }

  /** What a query answers, as the administrator; the password goes by the environment. */
  ask(query: string, database = 'postgres'): string {
    const place = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'bulma', '-d', database]
    const env = { ...process.env, PGPASSWORD: password }
    return execFileSync(join(programs ?? '', 'psql'), [...place, '-Atc', query], {
      encoding: 'utf8',
      env,
      stdio: 'pipe',
    }).trim()
  }

  /** A new database, as an address with the password in it or without. */
  database(name: string, isSecret = true): string {
    this.ask(`create database ${name}`)
    return this.address(name, isSecret)
  }
  address(name: string, isSecret = true): string {
    const who = isSecret ? `bulma:${password}` : 'bulma'
    return `postgres://${who}@127.0.0.1:${this.port}/${name}?sslmode=disable`
  }

  async end(): Promise<void> {
    const child = this.#child
    if (child && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await gone
    }
  }
  async remove(): Promise<void> {
    await this.end()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
