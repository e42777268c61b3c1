import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { labClients } from '../../lab/bank/client.ts'
import { giveOrder, type Order } from '../../lab/bank/control.ts'
import { bankRecord } from '../../lab/bank/record.ts'
import type { Diagnosis } from '../../lib/diagnosis.ts'
import type { Bank } from '../../lib/invariant.ts'
import type { LoginRecord } from '../../lib/login-record.ts'
import { anyPort } from '../any-port.ts'
import { logsIn, Person, type Seat } from './person.ts'
import { type Ended, newProject, type Project } from './project.ts'
import { record } from './recorded-state.ts'

type Command = 'reauth' | 'push' | 'verify'

export const banks: Bank[] = ['monzo', 'truelayer']

/** The Mac's folder of a bank in a lab. */
const macFolders: Record<Bank, string> = {
  monzo: '.lab/home/Sandpit/hinata-sandpit/data/bulma',
  truelayer: '.lab/home/Sandpit/hinata/data/bulma',
}
export const dataFolder = '/mnt/data/hinata/data/bulma'
export const stagingFolder = '/mnt/data/hinata/data/.bulma-infra-staging'

/** Folders that are made once, and the counter of login ids: whoever takes a lease leaves them. */
const ownNotes = /(bulma-infra|bulma-infra-staging|hinata\/data) directory |bulma-infra\/\w+\.login/

/** As lib/io/login fingerprints tokens, computed by hand. */
export const fingerprint = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 16)

/** A lab that is up, its banks, and a person who logs in. */
export class LoginPlace {
  readonly project: Project
  /** the port that the banks send a browser back to: one of its own, so that test files can run side by side */
  readonly port: number
  private people: Person[] = []

  constructor(project: Project, port: number) {
    this.project = project
    this.port = port
  }

  async order(what: Order): Promise<unknown> {
    const { control } = bankRecord.parse(JSON.parse(this.labFile('bank.json')))
    return giveOrder(control, what)
  }

  knob(bank: Bank, knobs: Record<string, unknown>): Promise<unknown> {
    return this.order({ bank, do: 'knob', knobs })
  }

  /** The flags that a login takes here: no browser of its own, and the port of this place. */
  way(bank: Bank): string[] {
    return this.wayTo(this.port, bank)
  }

  wayTo(port: number, bank: Bank): string[] {
    return ['--no-open', '--port', String(port), '--redirect-uri', callbackAt(port, bank)]
  }

  /** Another port that the bank knows as well. */
  async otherPort(bank: Bank): Promise<number> {
    const port = await anyPort()
    await this.order({ bank, do: 'register', redirectUri: callbackAt(port, bank) })
    return port
  }

  /** A login at another port than that of this place. */
  async elsewhere(bank: Bank, seat: Seat, ...flags: string[]): Promise<Person> {
    const way = this.wayTo(await this.otherPort(bank), bank)
    return this.sits('reauth', [bank, '--stack', 'lab', ...way, ...flags], seat)
  }

  /** One of our commands at a terminal. */
  person(command: Command, bank: Bank, ...flags: string[]): Person {
    return this.seated({}, command, bank, ...flags)
  }

  /** The same elsewhere than at an ordinary terminal. */
  seated(seat: Seat, command: Command, bank: Bank, ...flags: string[]): Person {
    const way = command === 'reauth' ? this.way(bank) : []
    return this.sits(command, [bank, '--stack', 'lab', ...way, ...flags], seat)
  }

  /** A login at a terminal that opens a browser. */
  browsing(env: Record<string, string>, bank: Bank, ...flags: string[]): Person {
    return this.sits('reauth', [bank, '--stack', 'lab', ...flags], { env })
  }

  private sits(command: Command, args: string[], seat: Seat): Person {
    const person = new Person(this.project, command, args, seat)
    this.people.push(person)
    return person
  }

  /** A whole login that nobody refuses, to its good end: what comes after it has a record to go by. */
  async logsIn(bank: Bank, ...flags: string[]): Promise<Person> {
    if (bank === 'monzo') await this.knob(bank, { approve: 500 })
    const person = this.person('reauth', bank, '--anyway', '--yes', ...flags)
    const page = logsIn(await person.address())
    await person.sees(/the right one\? type yes|same Monzo user|same accounts/)
    if (/the right one\? type yes/.test(person.shown)) person.types('yes')
    await page
    const code = await person.end()
    if (code !== 0) throw new Error(`the login ended with ${code}:\n${person.shown}`)
    return person
  }

  /** The same without a terminal, to its end. */
  run(command: Command, bank: Bank, ...flags: string[]): Promise<Ended> {
    return this.project.script(command, [bank, '--stack', 'lab', ...flags])
  }

  async doctor(bank: Bank): Promise<Diagnosis> {
    const { out, err } = await this.project.script('doctor', [bank, '--json', '--stack', 'lab'])
    if (!out.startsWith('{')) throw new Error(err)
    return (JSON.parse(out) as { banks: [Diagnosis] }).banks[0]
  }

  /** Somebody else exchanges the code of a callback before we do. */
  async exchangeElsewhere(bank: Bank, callback: string): Promise<void> {
    const { searchParams, origin, pathname } = new URL(callback)
    const { id, secret } = labClients[bank]
    const record = bankRecord.parse(JSON.parse(this.labFile('bank.json')))
    const response = await fetch(`${record[bank]}${bank === 'monzo' ? '/oauth2/token' : '/connect/token'}`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: id,
        client_secret: secret,
        redirect_uri: `${origin}${pathname}`,
        code: searchParams.get('code') ?? '',
      }),
    })
    if (!response.ok) throw new Error(await response.text())
  }

  /** A command in CT109. */
  inside(command: string): Promise<Ended> {
    return this.project.ssh(`pct exec 109 -- ${command}`)
  }

  /** One poll of CT109, to its end. */
  async poll(bank: Bank): Promise<void> {
    const service = `bulma-poll-${bank}.service`
    await this.inside(`systemctl reset-failed ${service}`)
    await this.inside(`systemctl start ${service}`)
  }

  /** The refresh token is dead at the bank, and the poller has said so in its log. */
  async dies(bank: Bank): Promise<void> {
    await this.order({ bank, do: 'killRefresh' })
    await this.order({ bank, do: 'expireAccess' })
    await this.poll(bank)
  }

  /** Tokens that live, by nobody's login: as they were when the lab came up. */
  async heals(bank: Bank): Promise<void> {
    await this.project.lab('break', `token-absent-${bank}`)
    await this.project.lab('mend')
  }

  mac(bank: Bank, name: string): string {
    return join(this.project.dir, macFolders[bank], name)
  }

  hasMac(bank: Bank, name: string): boolean {
    return existsSync(this.mac(bank, name))
  }

  writeMac(bank: Bank, name: string, text: string): void {
    mkdirSync(dirname(this.mac(bank, name)), { recursive: true })
    writeFileSync(this.mac(bank, name), text, { mode: 0o600 })
  }

  /** What is in the folder of a bank on the Mac, the journal's folder included, without folders. */
  macFiles(bank: Bank): string[] {
    const folder = this.mac(bank, '')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => lstatSync(join(folder, name)).isFile())
      .sort()
  }

  /** Takes away whatever an earlier test left on the Mac, and whoever still sits at a terminal there. */
  forgets(bank: Bank): void {
    for (const person of this.people.splice(0)) person.signals('SIGKILL')
    for (const name of ['.reauth', `tokens_${bank}.json`])
      rmSync(this.mac(bank, name), { recursive: true, force: true })
  }

  journal(bank: Bank): { step: string; login: number; refresh: string | null } | null {
    const path = this.mac(bank, `.reauth/${bank}.json`)
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
  }

  /** A file of the lab itself. */
  labFile(name: string): string {
    return readFileSync(join(this.project.dir, '.lab', name), 'utf8')
  }

  /** Writes a file on Z2 as its root would, 0600. */
  async writeZ2(path: string, text: string): Promise<void> {
    const to = `.lab/z2${path}`
    const { code, err } = await this.project.ssh(
      `mkdir -p ${dirname(to)} && cat > ${to} && chmod 600 ${to}`,
      text,
    )
    if (code !== 0) throw new Error(err)
  }

  /** A file on Z2 as its root reads it; null when there is none. */
  async onZ2(path: string): Promise<string | null> {
    const { code, out } = await this.project.ssh(`cat .lab/z2${path}`)
    return code === 0 ? out : null
  }

  /** `0646 100000` of a file on Z2. */
  async modeOf(name: string): Promise<string> {
    const { out } = await this.project.ssh(
      `perl -e 'printf "%04o %d", (stat shift)[2] & 07777, (stat _)[4]' .lab/z2${dataFolder}/${name}`,
    )
    return out
  }

  async record(bank: Bank): Promise<LoginRecord | null> {
    const text = await this.onZ2(`/var/lib/bulma-infra/${bank}.json`)
    return text === null ? null : (JSON.parse(text) as LoginRecord)
  }

  async tokensOnZ2(bank: Bank): Promise<Record<string, unknown>> {
    return JSON.parse((await this.onZ2(`${dataFolder}/tokens_${bank}.json`)) ?? '{}')
  }

  async refreshOnZ2(bank: Bank): Promise<string> {
    return String((await this.tokensOnZ2(bank)).refresh_token ?? '')
  }

  /** True when CT109's chain is the one that the bank takes. */
  async isLive(bank: Bank): Promise<boolean> {
    return (await this.order({ bank, do: 'isLive', refreshToken: await this.refreshOnZ2(bank) })) === true
  }

  async timerIsActive(bank: Bank): Promise<boolean> {
    const { out } = await this.inside(`systemctl is-active bulma-poll-${bank}.timer`)
    return out.trim() === 'active'
  }

  /** The dead-man's switches that Z2's systemd knows, a unit a line. */
  async switches(): Promise<string> {
    const { out } = await this.project.ssh(`systemctl list-units --all --plain --no-legend 'bulma-reauth-*'`)
    return out.trim()
  }

  /** How a login leaves the world, whatever came of it: nothing of it is under way any more. */
  async atRest(bank: Bank) {
    const [timer, units, staged, lease] = await Promise.all([
      this.timerIsActive(bank),
      this.switches(),
      this.project.ssh(`ls -A .lab/z2${stagingFolder} 2>/dev/null`),
      this.onZ2(`/run/bulma-infra/${bank}.lease`),
    ])
    return { timer, switch: units, staged: staged.out.trim(), lease: held(lease) }
  }

  /** Everything that a login could change, a line each: files by mode, owner, time and hash, units by state, events at the banks. */
  async state(): Promise<string[]> {
    const folders = ['mnt/data/hinata', 'run/bulma-infra', 'var/lib/bulma-infra', 'etc/pve', 'var/backups']
      .map((name) => `.lab/z2/${name}`)
      .join(' ')
    const units = banks.flatMap((bank) => [`bulma-poll-${bank}.timer`, `bulma-poll-${bank}.service`])
    const show = `systemctl show ${units.join(' ')} -p Id -p ActiveState -p UnitFileState -p LastTriggerUSec`
    const [files, inside, z2] = await Promise.all([
      this.project.ssh(
        `{ find ${folders} -exec stat -c '%n %F %a %u %Y' {} +; find ${folders} -type f -exec sha256sum {} +; } 2>/dev/null | sort`,
      ),
      this.inside(show),
      this.switches(),
    ])
    const known = await Promise.all(banks.map((bank) => this.order({ bank, do: 'audit' })))
    const lines = [files.out, inside.out, z2].join('\n').split('\n')
    const mac = banks.flatMap((bank) => listing(this.mac(bank, '')))
    return [
      ...lines.filter((line) => !ownNotes.test(line)),
      ...mac,
      ...known.map((one) => JSON.stringify(one)),
    ]
  }

  /** Nothing has changed between two states. Where a timer has polled meanwhile, only what a poll never touches is compared. */
  sameState(before: string[], after: string[]): void {
    const polls = (state: string[]): string => state.filter((line) => /^LastTriggerUSec=/.test(line)).join()
    const ours = (state: string[]): string[] =>
      polls(before) === polls(after)
        ? state
        : state.filter((line) => !/poll-|credit-|Trigger|"event"|bulma dir/.test(line))
    expect(ours(after)).toEqual(ours(before))
  }

  /** The short limits of this place, of `bulma:login`. */
  setLimits(limits: Record<string, number>): void {
    const lines = Object.entries(limits).map(([name, value]) => `    ${name}: ${value}\n`)
    const path = join(this.project.dir, 'Pulumi.lab.yaml')
    const text = readFileSync(path, 'utf8').replace(/ {2}bulma:login:\n( {4}.*\n)+/, '')
    writeFileSync(path, text.replace(/^config:\n/, `config:\n  bulma:login:\n${lines.join('')}`))
  }

  /** Another setting of the stack, on one line; null takes it away. */
  configure(key: string, value: string | null): void {
    const path = join(this.project.dir, 'Pulumi.lab.yaml')
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith(`  bulma:${key}:`))
    const at = lines.indexOf('config:') + 1
    writeFileSync(
      path,
      lines.toSpliced(at, 0, ...(value === null ? [] : [`  bulma:${key}: ${value}`])).join('\n'),
    )
  }

  end(): Promise<void> {
    return this.project.end()
  }
}

/** A lease that has run out holds nobody off; its file stays where Z2 could not be reached to give it back. */
const held = (lease: string | null): string | null =>
  lease !== null && (JSON.parse(lease) as { deadline: number }).deadline < Date.now() / 1000 ? null : lease

/** Files and folders below a folder: kind, mode, time and hash of each; a try of the disk leaves the journal's folder another time. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const { mode, mtimeMs } = lstatSync(path)
      const text = lstatSync(path).isFile() ? readFileSync(path, 'utf8') : ''
      const time = name === '.reauth' ? '-' : mtimeMs
      return `${path} ${mode.toString(8)} ${time} ${fingerprint(text)}`
    })
}

const callbackAt = (port: number, bank: Bank): string => `http://localhost:${port}/${bank}/callback`

type Ways = {
  /** the engine knows the lab: `pulumi preview` is clean */
  recorded?: boolean
  /** settings of the stack, below `bulma:` */
  settings?: Record<string, string>
  limits?: Record<string, number>
}

/** A fresh lab with both banks healthy. */
export async function loginPlace({
  recorded = false,
  settings = {},
  limits = {},
}: Ways = {}): Promise<LoginPlace> {
  const project = await newProject()
  const place = new LoginPlace(project, await anyPort())
  for (const [key, value] of Object.entries(settings)) place.configure(key, value)
  if (Object.keys(limits).length > 0) place.setLimits(limits)
  await project.lab('up')
  for (const bank of banks)
    await place.order({ bank, do: 'register', redirectUri: callbackAt(place.port, bank) })
  if (recorded) await record(project)
  return place
}
