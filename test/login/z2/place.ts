import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildLab } from '../../../lab/sim/build.ts'
import { type Place, placeAt } from '../../../lab/sim/place.ts'
import { simulatedWorld } from '../../../lab/sim/world.ts'
import type { World } from '../../../lab/world.ts'
import { type Config, parseConfig } from '../../../lib/config.ts'
import { type Bank, fileNames } from '../../../lib/invariant.ts'
import { commandOf } from '../../../lib/io/login/z2.ts'
import { type Me, type Order, parseOrderOutput, type ReplyOf } from '../../../lib/login/order.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
export const fingerprint = (text: string): string => sha256(text).slice(0, 16)

/** How an order ended that need not have come to an answer. */
export type Ended = { code: number | null; signal: NodeJS.Signals | null; out: string; err: string }

/** The files of a simulated Z2, without its sshd: orders run as its root would run them. */
export class Z2Place {
  readonly checkout = temporaryFolder('z2')
  readonly place: Place = placeAt(this.checkout)
  readonly world: World
  readonly bank: Bank
  config: Config

  constructor(bank: Bank = 'monzo', settings: Record<string, unknown> = {}) {
    this.bank = bank
    this.config = parseConfig({ hostRoot: '.lab/z2', containerRoot: '.lab/ct109', ...settings }, 'a test')
    buildLab(this.place)
    this.world = simulatedWorld(this.place)
  }

  end(): void {
    rmSync(this.checkout, { recursive: true, force: true })
  }

  /** Runs an order to its end. `env` reaches only the program itself: what it starts has a clean environment. */
  run(order: Order, env: Record<string, string> = {}, id = 'aa'): Promise<Ended> {
    return this.shell(commandOf(this.config, this.bank, order, id), env)
  }

  shell(command: string, env: Record<string, string> = {}): Promise<Ended> {
    return this.begin(command, env).ended
  }

  /** Starts a command in a process group of its own, as a session of sshd is. */
  begin(command: string, env: Record<string, string> = {}): { pid: number; ended: Promise<Ended> } {
    const { bin, roots } = this.place
    const PATH = `${join(bin, 'z2')}:${join(bin, 'system')}`
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: this.checkout,
      env: { PATH, HOME: join(roots.z2, 'root'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const said = { out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      said.out += chunk.toString('utf8')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said.err += chunk.toString('utf8')
    })
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code, signal) => resolve({ ...said, code, signal })),
    )
    return { pid: child.pid ?? 0, ended }
  }

  async ask<O extends Order>(order: O, env: Record<string, string> = {}): Promise<ReplyOf<O>> {
    const id = randomBytes(6).toString('hex')
    const { out, err } = await this.run(order, env, id)
    const output = parseOrderOutput(order.do as O['do'], out, id)
    if (output.state !== 'whole') throw new Error(`${order.do}: ${output.state}\n${out}${err}`)
    if (err !== '') throw new Error(`${order.do} says on standard error: ${err}`)
    return output.reply
  }

  /** The same for an order that must not be broken. */
  async take(
    changes: Partial<Extract<Order, { do: 'take' }>> = {},
  ): Promise<Me & { deadline: number; since: number }> {
    const reply = await this.ask({
      do: 'take',
      holder: 'nnamdi@mac',
      pid: 4242,
      login: null,
      seconds: 90,
      ...changes,
    })
    if (!('taken' in reply) || !reply.taken) throw new Error(`not taken: ${JSON.stringify(reply)}`)
    return reply.lease
  }

  /** Takes the lease and stops the poller. @returns who holds it, and the chain that Z2 has */
  async stopped(): Promise<{ me: Me; before: string | null }> {
    const { holder, pid, login } = await this.take()
    const me = { holder, pid, login }
    const reply = await this.ask({ do: 'stop', me, switchSeconds: 600, waitSeconds: 5 })
    if (reply.state !== 'idle') throw new Error(`not idle: ${JSON.stringify(reply)}`)
    return { me, before: reply.refresh }
  }

  path = (path: string): string => join(this.place.roots.z2, path)
  read = (path: string): string | null =>
    existsSync(this.path(path)) ? readFileSync(this.path(path), 'utf8') : null
  write = (path: string, text: string, mode = 0o600): void => {
    mkdirSync(join(this.path(path), '..'), { recursive: true })
    writeFileSync(this.path(path), text, { mode })
  }

  get staging(): string {
    return '/mnt/data/hinata/data/.bulma-infra-staging'
  }
  tokenPath = (): string => `${this.config.hostDataDir}/${fileNames[this.bank].token}`
  credentialsPath = (): string => `${this.config.hostDataDir}/${fileNames[this.bank].credentials}`
  recordPath = (): string => `/var/lib/bulma-infra/${this.bank}.json`
  leasePath = (): string => `/run/bulma-infra/${this.bank}.lease`
  stage = (kind: 'tokens' | 'credentials', text: string): void =>
    this.write(`${this.staging}/${this.bank}.${kind}`, text)
}

export type Commit = Extract<Order, { do: 'commit' }>

export const account = ['0123456789abcdef', 'fedcba9876543210']

/** What a login brings: a token file, and for Monzo credentials, as texts, and the order that puts them in place. */
export function newChain(
  z2: Z2Place,
  { me, before }: { me: Me; before: string | null },
  changes: { refresh?: string; tokens?: Record<string, unknown>; credentials?: string | null } = {},
): { order: Commit; tokens: string; credentials: string | null; refresh: string } {
  const refresh = changes.refresh ?? `new-refresh-${me.login}`
  const tokens = `${JSON.stringify({ access_token: `new-access-${me.login}`, refresh_token: refresh, expires_at: 1795300000, ...changes.tokens }, null, 2)}\n`
  const credentials =
    changes.credentials === undefined
      ? `${JSON.stringify({ client_id: 'c', client_secret: `s${me.login}` })}\n`
      : changes.credentials
  const { token, credentials: name } = fileNames[z2.bank]
  const order: Commit = {
    do: 'commit',
    me,
    before,
    files: [
      { kind: 'tokens', name: token, sha256: sha256(tokens) },
      ...(credentials === null ? [] : [{ kind: 'credentials' as const, name, sha256: sha256(credentials) }]),
    ],
    record: { account, refresh: fingerprint(refresh), loggedInAt: 1_795_300_000, consentEnd: null },
    carry: false,
  }
  z2.stage('tokens', tokens)
  if (credentials !== null) z2.stage('credentials', credentials)
  return { order, tokens, credentials, refresh: fingerprint(refresh) }
}

const library = import.meta.dirname

/** The environment in which an order's calls that change a disk are written down, and one of them ends it or fails. */
export const mishap = (of: { log?: string; at?: number; how?: string }): Record<string, string> => ({
  PERL5OPT: `-I${library} -Mmishap`,
  ...(of.log === undefined ? {} : { MISHAP_LOG: of.log }),
  ...(of.at === undefined ? {} : { MISHAP_AT: String(of.at), MISHAP_HOW: of.how ?? 'before' }),
})

/** The calls of one run of an order that change a disk, each as `rename FROM TO`, paths from the root of Z2. */
export async function callsOf(z2: Z2Place, order: Order): Promise<string[]> {
  const log = join(z2.checkout, 'calls')
  rmSync(log, { force: true })
  await z2.ask(order, mishap({ log }))
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  return text.replaceAll('.lab/z2/', '/').split('\n').filter(Boolean)
}
