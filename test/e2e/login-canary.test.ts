import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { secrets as planted } from '../../lab/sim/secret.ts'
import type { Bank } from '../../lib/invariant.ts'
import { processTexts } from '../process-text.ts'
import { banks, dataFolder, type LoginPlace, loginPlace } from './login-place.ts'
import { begin } from './login-steps.ts'
import { type Person, throughTheBank } from './person.ts'

// Every token, code and secret that a login ever holds is collected from where it may be. Then everything that was printed,
// written, logged or visible in a process list is searched for all of them.

vi.setConfig({ testTimeout: 400_000, hookTimeout: 300_000 })

let place: LoginPlace
let temporary: string
let isWatching = true
let watching: Promise<void>
const printed = new Set<string>()
const secrets = new Set<string>(planted)

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'bulma-login-canary-'))
  place = await loginPlace({ recorded: true, limits: { approvalSeconds: 3 } })
  // From now on whatever is started keeps its temporary files where they are searched.
  process.env.TMPDIR = temporary
  watching = watch()
})
afterAll(async () => {
  delete process.env.TMPDIR
  isWatching = false
  await watching
  await place.end()
  rmSync(temporary, { recursive: true, force: true })
})

/** Arguments and environments of all processes of this machine, until the end. */
async function watch(): Promise<void> {
  while (isWatching) {
    for (const text of processTexts())
      if (/bulma|hinata|simulated|perl|ssh|node/.test(text)) printed.add(text)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Every string in a JSON text that is long enough to be a secret, wherever it stands. */
function collect(text: string): void {
  for (const [, value = ''] of text.matchAll(/"([^"\\]{16,})"/g))
    if (/simulated-|mnzconf|secret|^ey|token-|code-/.test(value)) secrets.add(value)
}

/** What may hold secrets, read and remembered. */
async function gather(bank: Bank): Promise<void> {
  const texts = [
    await place.onZ2(`${dataFolder}/tokens_${bank}.json`),
    ...readdirSync(place.mac(bank, ''), { recursive: true, encoding: 'utf8' })
      .map((name) => place.mac(bank, name))
      .filter((path) => statSync(path).isFile() && !path.endsWith(`/.reauth/${bank}.json`))
      .map((path) => readFileSync(path, 'utf8')),
  ]
  for (const text of texts) collect(text ?? '')
  const live = await place.order({ bank, do: 'liveRefresh' })
  if (typeof live === 'string') secrets.add(live)
}

/** Through the bank's pages; the code in the way back is a secret. @returns the page that is shown at the end */
async function goesThrough(url: string): Promise<string> {
  const back = await throughTheBank(url)
  secrets.add(new URL(back).searchParams.get('code') ?? '-')
  const page = await (await fetch(back)).text()
  printed.add(page)
  return page
}

const remember = (person: Person): void => void printed.add(person.shown)
const ends = async (person: Person): Promise<number | null> => {
  const code = await person.end()
  remember(person)
  return code
}

/** The tail of a token is what is random in it. */
const forms = (secret: string): string[] => [
  secret,
  secret.split(/[-.]/).at(-1) ?? secret,
  encodeURIComponent(secret),
  ...[0, 1, 2].map((offset) =>
    Buffer.from(`${'x'.repeat(offset)}${secret}`)
      .toString('base64')
      .slice(4, -4),
  ),
  Buffer.from(secret).toString('hex'),
]
const needles = (): string[] => [...new Set([...secrets].flatMap(forms))].filter((one) => one.length >= 12)
const leaks = (text: string): string[] => needles().filter((needle) => text.includes(needle))

it.each(banks)('%s: logins that go well, wait, break and are carried on', async (bank) => {
  await gather(bank)
  await place.dies(bank)
  for (const flags of [[bank], [bank, '--json']])
    printed.add(JSON.stringify(await place.project.script('doctor', [...flags, '--stack', 'lab'])))

  // Killed with the tokens on the Mac; looked at by everything; carried on by hand, not approved; finished.
  if (bank === 'monzo') await place.knob(bank, { approve: 'manual' })
  const first = begin(place, bank)
  const page = goesThrough(await first.address()).catch(() => '')
  await first.sees(/the right one\? type yes/)
  await gather(bank)
  await first.kills()
  remember(first)
  await page
  for (const script of ['doctor', 'drift'])
    printed.add(JSON.stringify(await place.project.script(script, ['--json', '--stack', 'lab'])))
  printed.add(JSON.stringify(await place.project.pulumi('preview', '--diff', '--logtostderr', '-v=9')))
  const push = place.person('push', bank)
  await push.answers(/the right one\? type yes/, 'yes')
  expect(await ends(push), push.shown).toBe(bank === 'monzo' ? 4 : 0)
  await gather(bank)
  if (bank === 'monzo') {
    await place.order({ bank, do: 'approve' })
    printed.add(JSON.stringify(await place.run('verify', bank)))
  }
  expect((await place.doctor(bank)).verdict).toBe('healthy')

  // A reply that lacks something, one that is lost, one that is no JSON, and one that was spoilt on this Mac's disk.
  const spoilers =
    bank === 'monzo'
      ? [{ nonConfidential: true }, { trouble: [{ how: 'cutReply', on: 'token', times: 1 }] }]
      : [
          { trouble: [{ how: 'notJson', on: 'token', times: 1 }] },
          { trouble: [{ how: 'html502', on: 'token', times: 1 }] },
        ]
  for (const knobs of spoilers) {
    await place.knob(bank, knobs)
    const person = begin(place, bank)
    await goesThrough(await person.address())
    expect(await ends(person)).not.toBe(0)
    await gather(bank)
    await place.knob(bank, { trouble: [], ...(bank === 'monzo' && { nonConfidential: false }) })
  }
  await place.project.ssh(`rm -f .lab/z2/var/lib/bulma-infra/${bank}.json`)
  const spoilt = begin(place, bank)
  const lost = goesThrough(await spoilt.address()).catch(() => '')
  await spoilt.sees(/the right one\? type yes/)
  await gather(bank)
  await spoilt.kills()
  await lost
  const pending = place.mac(bank, `.reauth/${bank}.pending.json`)
  const text = readFileSync(pending, 'utf8')
  for (const broken of [
    text.slice(0, text.length / 2),
    text.replace(/"access_token\W+/, '$&,'),
    `[${text}]`,
  ]) {
    writeFileSync(pending, broken)
    const resumed = await place.run('push', bank)
    printed.add(resumed.out + resumed.err)
    expect(resumed.code, resumed.err).not.toBe(0)
  }
  printed.add(JSON.stringify(await place.run('verify', bank)))
  place.forgets(bank)
  await place.knob('monzo', { approve: 500 })
  remember(await place.logsIn(bank))
  await gather(bank)
  printed.add(JSON.stringify(await place.project.up()))
  expect((await place.doctor(bank)).verdict).toBe('healthy')
})

it('nothing of it was printed, nor seen in the arguments or the environment of any process', () => {
  expect(secrets.size).toBeGreaterThan(planted.length + 12)
  expect([...printed].some((text) => text.includes('exchange-child'))).toBe(true)
  expect([...printed].some((text) => /scripts\/reauth\.ts/.test(text))).toBe(true)
  const told = [...printed].filter((text) => leaks(text).length > 0)
  // The shells of this lab's own Z2 are on this machine, and no token is among their words either.
  expect(told.map((text) => `${leaks(text)[0]?.slice(0, 24)}… in ${text.slice(0, 300)}`)).toEqual([])
})

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())

const content = (path: string): string => {
  const bytes = readFileSync(path)
  return (/\.gz(\.bak)?$/.test(path) ? gunzipSync(bytes) : bytes).toString('latin1')
}

it("nor written on the Mac: not to Pulumi's state, a journal, a temporary file or the checkout", () => {
  const may = /\/(tokens_|\w+_credentials|\.reauth\/\w+\.(quarantine|earlier|exchange|pending))/
  const lab = join(place.project.dir, '.lab')
  const folders = [join(place.project.dir, '.state'), temporary, join(lab, 'home')]
  const written = folders
    .filter(existsSync)
    .flatMap(files)
    .filter((path) => !may.test(path))
  expect(written).toContainEqual(expect.stringMatching(/\/stacks\/bulma\/lab\.json(\.gz)?$/))
  expect(written.filter((path) => leaks(content(path)).length > 0)).toEqual([])
})

it('nor written on Z2 or in ct109: not to a lease, a record, a log, the journal or a folder of temporary files', async () => {
  const { out } = await place.project.ssh(
    [
      'for f in .lab/z2/run/bulma-infra .lab/z2/var/lib/bulma-infra .lab/z2/run/systemd/transient .lab/z2/tmp .lab/z2/var/tmp .lab/z2/var/log; do',
      'find "$f" -type f -exec cat {} + 2>/dev/null; done;',
      `cat .lab/z2${dataFolder}/*.log; ls -A .lab/z2${dataFolder};`,
      'journalctl --no-pager 2>/dev/null; pct exec 109 -- journalctl --no-pager 2>/dev/null; true',
    ].join(' '),
  )
  expect(out).toContain('tokens loaded')
  expect(leaks(out)).toEqual([])
  const { out: names } = await place.project.ssh(`ls -A .lab/z2${dataFolder}`)
  expect(names.split('\n').filter((name) => /\.new$|reply|quarantine|staging/.test(name))).toEqual([])
})

it("nor in the engine's own logs", async () => {
  const home = place.project.engine.env.PULUMI_HOME ?? join(process.env.HOME ?? '', '.pulumi')
  const since = statSync(place.project.dir).birthtimeMs
  const logs = files(join(home, 'logs')).filter(
    (path) => /\+lab-/.test(path) && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since,
  )
  for (const path of logs) {
    const { code, out, err } = await place.project.run(place.project.engine.pulumi, ['logs', 'decrypt', path])
    // Other tests share this folder, and the engine removes its oldest logs.
    if (existsSync(path)) expect(code, err).toBe(0)
    expect(leaks(out + err)).toEqual([])
  }
})

it('the search itself finds a secret where one is', async () => {
  const refresh = await place.refreshOnZ2('monzo')
  expect(leaks(`x${refresh}y`)).not.toEqual([])
  expect(leaks(Buffer.from(`a${refresh}`).toString('base64'))).not.toEqual([])
  expect(leaks((await place.onZ2(`${dataFolder}/tokens_truelayer.json`)) ?? '')).not.toEqual([])
})
