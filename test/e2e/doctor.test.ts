import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../lib/diagnosis.ts'
import type { Bank } from '../../lib/invariant.ts'
import { untimed } from '../clock-time.ts'
import { clearLogins, plantJournal, plantLease, plantRecord } from './login-note.ts'
import { newProject, type Project } from './project.ts'

// `npm run doctor` as a person sees it: one verdict a bank, the same that drift shows. No engine.

let project: Project

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterEach(async () => {
  await project.lab('mend')
  await clearLogins(project)
})
afterAll(() => project.end())

const doctor = (...args: string[]) => project.script('doctor', ['--stack', 'lab', ...args])

async function examined(bank: Bank): Promise<{ code: number | null; found: Diagnosis }> {
  const { code, out, err } = await doctor('--json', bank)
  if (!out.startsWith('{')) throw new Error(`doctor ended with ${code}: ${err}`)
  const { banks } = JSON.parse(out) as { banks: Diagnosis[] }
  return { code, found: banks[0] as Diagnosis }
}

const monzoLog = '.lab/z2/mnt/data/hinata/data/bulma/poll-monzo.log'
const hoursAgo = (hours: number): string =>
  new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

/** verdict, exit code, its bank, the faults of the lab, what a login has left, and the next command */
type Case = [string, number, Bank, string[], (() => Promise<void>) | null, RegExp]
const nothing = /^$/
const up = /^npm run up -- --stack lab$/
const run = (command: string): RegExp => new RegExp(`^npm run ${command} --stack lab$`)

const cases: Case[] = [
  ['healthy', 0, 'monzo', [], null, nothing],
  ['healthy', 0, 'truelayer', ['poll-approval-truelayer'], null, nothing],
  ['refresh-dead', 4, 'monzo', ['poll-dead-monzo'], null, run('reauth -- monzo')],
  ['refresh-dead', 4, 'truelayer', ['poll-dead-truelayer'], null, run('reauth -- truelayer')],
  ['refresh-dead', 4, 'monzo', ['poll-dead-monzo', 'transit-monzo'], null, run('reauth -- monzo --force')],
  ['approval-pending', 4, 'monzo', ['poll-approval-monzo'], null, /^open the Monzo app: .* will succeed$/],
  [
    'approval-pending',
    4,
    'monzo',
    ['poll-approval-monzo'],
    () => plantRecord(project, 'monzo', 23),
    /^open the Monzo app: /,
  ],
  [
    'approval-lapsed',
    4,
    'monzo',
    ['poll-approval-monzo'],
    () => plantRecord(project, 'monzo', 25),
    /^look through the feed of the Monzo app\. no prompt there: npm run reauth -- monzo --stack lab$/,
  ],
  [
    'approval-lapsed',
    4,
    'monzo',
    ['poll-approval-monzo'],
    async () => {
      const { code } = await project.ssh(
        `{ echo '${hoursAgo(25)} HTTP 403: Forbidden on /accounts'; echo '${hoursAgo(0.1)} HTTP 403: Forbidden on /accounts'; } > ${monzoLog}`,
      )
      expect(code).toBe(0)
    },
    /no prompt there: npm run reauth -- monzo --stack lab$/,
  ],
  ['timer-stopped', 2, 'truelayer', ['timer-stopped-truelayer'], null, up],
  ['stalled', 4, 'monzo', ['poll-stalled-monzo'], null, /systemctl show bulma-poll-monzo\.service/],
  ['poll-failed', 2, 'monzo', ['poll-failed-monzo'], null, up],
  [
    'bank-trouble',
    4,
    'truelayer',
    ['poll-unreachable-truelayer'],
    null,
    /systemctl show bulma-poll-truelayer/,
  ],
  ['consent-ending', 4, 'truelayer', ['token-old-truelayer'], null, run('reauth -- truelayer')],
  [
    'consent-ending',
    4,
    'truelayer',
    [],
    () => plantRecord(project, 'truelayer', 24 * 41, 3),
    run('reauth -- truelayer'),
  ],
  ['tokens-missing', 4, 'monzo', ['token-absent-monzo'], null, run('reauth -- monzo')],
  ['tokens-unreadable', 2, 'truelayer', ['token-unreadable-truelayer'], null, up],
  ['container-down', 2, 'monzo', ['container-stopped'], null, up],
  ['container-down', 4, 'monzo', ['container-renamed'], null, /pct list$/],
  ['not-pushed', 4, 'monzo', [], () => plantJournal(project, 'monzo', 'exchanging'), run('push -- monzo')],
  [
    'not-pushed',
    4,
    'truelayer',
    ['token-absent-truelayer', 'timer-stopped-truelayer'],
    () => plantJournal(project, 'truelayer', 'account-ok'),
    run('push -- truelayer'),
  ],
  [
    'not-pushed',
    4,
    'monzo',
    ['container-stopped', 'transit-monzo'],
    () => plantJournal(project, 'monzo', 'tokens-on-mac'),
    run('push -- monzo'),
  ],
  [
    'healthy',
    4,
    'monzo',
    ['transit-monzo'],
    () => plantJournal(project, 'monzo', 'committed'),
    run('verify -- monzo'),
  ],
  [
    'approval-pending',
    4,
    'monzo',
    ['poll-approval-monzo'],
    () => plantJournal(project, 'monzo', 'polled'),
    /then npm run verify -- monzo --stack lab$/,
  ],
  ['reauth-running', 0, 'monzo', [], () => plantLease(project, 'monzo', 60), nothing],
  [
    'reauth-running',
    4,
    'monzo',
    ['timer-stopped-monzo', 'poll-dead-monzo'],
    () => plantLease(project, 'monzo', 60),
    /^wait until it has ended, then npm run doctor -- monzo --stack lab$/,
  ],
  [
    'reauth-running',
    4,
    'truelayer',
    [],
    () => plantLease(project, 'truelayer', 0, '{"holder":'),
    /cat .*truelayer\.lease$/,
  ],
  ['healthy', 0, 'monzo', [], () => plantLease(project, 'monzo', -5), nothing],
]

describe('npm run doctor', () => {
  it.each(cases)(
    'says %s, and ends with %i, for %s with %j',
    async (verdict, code, bank, faults, plant, next) => {
      if (faults.length > 0) await project.lab('break', ...faults)
      await plant?.()
      const { code: ended, found } = await examined(bank)
      expect([found.verdict, ended, found.exitCode]).toEqual([verdict, code, code])
      if (!(verdict === 'reauth-running' && code === 0)) expect(found.next).toMatch(next)
      // Drift says the same of the last poll, where the last poll is what says it.
      const { json } = await project.drift()
      const poll = json.findings.find(({ kind, name }) => kind === 'last-poll' && name === bank)
      const elsewhere = [
        'timer-stopped',
        'consent-ending',
        'tokens-missing',
        'tokens-unreadable',
        'container-down',
      ]
      if (!elsewhere.includes(verdict)) expect(poll?.poll).toBe(verdict)
      const other = bank === 'monzo' ? 'truelayer' : 'monzo'
      if (!faults.some((name) => name.startsWith('container')))
        expect((await examined(other)).found.verdict).toBe('healthy')
    },
  )

  it('shows both banks, and ends with the worse of the two', async () => {
    await project.lab('break', 'poll-approval-monzo', 'timer-stopped-truelayer')
    const { code, out, err } = await doctor()
    expect([code, err]).toEqual([4, ''])
    expect(untimed(out)).toBe(`
monzo      approval pending
           HTTP 403 on /accounts after a clean token load, 4 minutes ago
           the token is good; Monzo waits for your approval in its app
next       open the Monzo app: the prompt sits in the feed. the poll at HH:MM
           will succeed
don't      log in again: it would throw this token away
           docs/runbook/monzo.md#verify

truelayer  timer stopped
           enabled, inactive
           nothing polls; the tokens have nothing to do with it
next       npm run up -- --stack lab
don't      log in again: it would throw a good token away
           docs/runbook/truelayer.md#timer

`)
  })

  it('of healthy banks says what the last poll brought, and how long the login is good for', async () => {
    const { code, out } = await doctor()
    expect(code).toBe(0)
    // A poll refreshes only where its access token is over.
    expect(untimed(out).replaceAll(' refresh ok,', '')).toBe(`
monzo      healthy
           last poll HH:MM, 2 accounts, 14 transactions

truelayer  healthy
           last poll HH:MM, 3 accounts, 21 transactions
           full login 41 days ago, 44 left before day 85

`)
  })

  it('prints one JSON document of the fields that its help tells', async () => {
    const { out } = await doctor('--json')
    const json = JSON.parse(out)
    expect(Object.keys(json)).toEqual(['stack', 'host', 'lookedAt', 'tookMs', 'banks'])
    expect(Object.keys(json.banks[0])).toEqual([
      'bank',
      'verdict',
      'what',
      'why',
      'next',
      'runbook',
      'exitCode',
    ])
    const { out: help } = await doctor('--help')
    for (const key of [...Object.keys(json), ...Object.keys(json.banks[0]), 'dont'])
      expect(help).toMatch(new RegExp(`\\b${key}\\b`))
  })

  it.each([
    ['port-refused', /Connection refused/],
    ['cut-output', /the look was cut short/],
  ])(
    'says unreachable when it is, %s, with why and what to try, and the login that waits',
    async (fault, why) => {
      await plantJournal(project, 'monzo', 'account-ok')
      await project.lab('break', 'poll-dead-truelayer', fault)
      const { code, out, err } = await doctor('--json')
      expect([code, err]).toEqual([3, ''])
      const { host, banks } = JSON.parse(out) as { host: string; banks: Diagnosis[] }
      expect([host, banks.map(({ verdict }) => verdict)]).toEqual([
        'hinata-z2',
        ['unreachable', 'unreachable'],
      ])
      expect(banks[1]).toMatchObject({
        what: 'cannot look at hinata-z2',
        why: expect.stringMatching(why),
        next: 'ssh -F .lab/ssh_config hinata-z2 true',
        exitCode: 3,
      })
      expect(banks[0]?.dont).toMatch(/^log in again: the login of \d\d:\d\d is on this Mac and not on z2$/)
      expect(banks[1]?.dont).toBeUndefined()
      const text = await doctor('truelayer')
      expect([text.code, text.err]).toEqual([3, ''])
      expect(text.out).toMatch(/^\ntruelayer {2}unreachable\n {11}cannot look at hinata-z2\n/)
    },
  )

  it('says unknown where only the container does not answer', async () => {
    await project.lab('break', 'pct-missing')
    const { code, found } = await examined('monzo')
    expect([code, found.verdict, found.what]).toEqual([3, 'unknown', 'pct: No such file or directory'])
  })

  it.each([
    [['--nope'], "Unknown option '--nope'"],
    [['barclays'], '"barclays" is not one of monzo, truelayer'],
  ])('refuses %j with 64', async (args, why) => {
    const { code, out, err } = await doctor(...args)
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain(`why:   ${why}`)
  })
})
