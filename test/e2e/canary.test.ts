import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { secrets } from '../../lab/sim/secret.ts'
import { processTexts } from '../process-text.ts'
import { clearLogins, plantJournal, plantLease, plantRecord } from './login-note.ts'
import { type Ended, type Project, recordedProject } from './project.ts'

// Known secrets lie in the token and credentials files of the lab. Every command runs over every state of those files;
// then everything that was printed, written or visible in a process list is searched for them.

let project: Project
let temporary: string
const printed: string[] = []

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'bulma-canary-'))
  project = await recordedProject()
})
afterAll(async () => {
  await project.end()
  rmSync(temporary, { recursive: true, force: true })
})

/** Every form in which a secret could slip through. */
const forms = (secret: string): string[] => [
  secret,
  secret.split('-').reverse().slice(0, 1).join(''),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').slice(0, -4),
]
const needles = [...new Set(secrets.flatMap(forms))]
const leaks = (text: string): string[] => needles.filter((needle) => text.includes(needle))

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())

const content = (path: string): string => {
  const bytes = readFileSync(path)
  return (/\.gz(\.bak)?$/.test(path) ? gunzipSync(bytes) : bytes).toString('utf8')
}

/** Arguments and environments of all processes of this machine, as long as `work` goes on. */
async function watched(work: Promise<Ended>): Promise<void> {
  let over = false
  const ended = work.finally(() => {
    over = true
  })
  while (!over) {
    printed.push(...processTexts())
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  const { out, err } = await ended
  printed.push(out, err)
}

it('no secret is printed, logged, kept in the state, visible in a process list or left in a temporary file', async () => {
  const faults = [
    ['timer-disabled-monzo', 'legacy-morning', 'token-unreadable-truelayer', 'credentials-world-writable'],
    ['token-broken-monzo', 'token-no-refresh-truelayer', 'transit-monzo', 'mac-credentials-open-truelayer'],
    ['token-link-monzo', 'poll-dead-truelayer', 'container-stopped', 'repair-fails-chmod'],
  ]
  const [secret = ''] = secrets
  for (const [round, names] of faults.entries()) {
    await project.lab('break', ...names)
    // What a login leaves behind holds no secret; a file in its place that does lets none of them out.
    const odd = { refresh_token: secret, login: { id: secret } }
    if (round > 0) await plantRecord(project, 'monzo', 1, null, odd)
    if (round > 1) await plantLease(project, 'truelayer', 60, JSON.stringify({ holder: [secret], ...odd }))
    if (round > 1) await plantJournal(project, 'monzo', 'polled', JSON.stringify({ version: secret, ...odd }))
    const env = { TMPDIR: temporary }
    await watched(project.script('drift', ['--stack', 'lab'], env))
    await watched(project.script('drift', ['--stack', 'lab', '--json'], env))
    await watched(project.script('doctor', ['--stack', 'lab'], env))
    await watched(project.script('doctor', ['--stack', 'lab', '--json'], env))
    await watched(project.script('preview', ['--stack', 'lab', '--diff', '--logtostderr', '-v=9'], env))
    await watched(project.script('up', ['--stack', 'lab', '--yes', '--diff'], env))
    await project.lab('mend')
    await clearLogins(project)
  }
  const listed = new Set(printed)
  expect([...listed].flatMap(leaks)).toEqual([])

  const written = [...files(join(project.dir, '.state')), ...files(temporary)]
  expect(written.filter((path) => leaks(content(path)).length > 0)).toEqual([])
  expect(written.some((path) => path.includes('/stacks/bulma/lab.json'))).toBe(true)
})

it("the engine's own logs, decrypted, hold none either", async () => {
  const home = project.engine.env.PULUMI_HOME ?? join(process.env.HOME ?? '', '.pulumi')
  const logs = files(join(home, 'logs')).filter((path) => /\+lab-/.test(path))
  expect(logs.length).toBeGreaterThan(0)
  const since = statSync(project.dir).birthtimeMs
  for (const path of logs.filter(
    (one) => (statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since,
  )) {
    const { code, out, err } = await project.run(project.engine.pulumi, ['logs', 'decrypt', path])
    // Other tests share this folder, and the engine removes its oldest logs.
    if (existsSync(path)) expect(code, err).toBe(0)
    expect(leaks(out + err)).toEqual([])
  }
})

it('the search itself finds a secret where one is', () => {
  expect(leaks(`x${secrets[0]}y`)).not.toEqual([])
  expect(leaks(Buffer.from(secrets[1] ?? '').toString('base64'))).not.toEqual([])
})
