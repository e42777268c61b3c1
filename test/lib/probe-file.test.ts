import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseLease } from '../../lib/lease.ts'
import { leaseKeys, recordKeys } from '../../lib/login-note.ts'
import { parseLoginRecord } from '../../lib/login-record.ts'
import { noted } from '../../lib/note.ts'
import { perlLiteral } from '../../lib/perl-literal.ts'
import { loginRecord } from '../healthy.ts'

// The programs of the look themselves, by the Perl of this machine: what they make of logs, leases and records.

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bulma-probe-'))
  mkdirSync(join(root, 'data'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const part = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../lib/probe', name), 'utf8')

/** What a Perl expression comes to after the parts of the look. */
function perl(expression: string): unknown {
  const parameters = perlLiteral({ hostRoot: root, dataDir: '/data', seconds: 5 })
  const parts = ['run.pl', 'phrase.pl', 'file.pl', 'note.pl'].map(part).join('\n')
  const print = `print JSON::PP->new->ascii->canonical->encode({ found => ${expression} });`
  const program = `my $P = ${parameters};\n${parts}\nrequire JSON::PP;\n${print}\n`
  const out = execFileSync('perl', ['-'], { input: program, encoding: 'utf8' })
  return (JSON.parse(out) as { found: unknown }).found
}

type Event = { kind: string; time: string | null; accounts?: number; transactions?: number }

function events(log: string): Event[] {
  writeFileSync(join(root, 'data/poll.log'), log)
  return (perl("look_at_log('poll.log')") as { events: Event[] }).events
}

describe('a key that must be filled', () => {
  it.each([
    ['{"refresh_token":"12345"}', []],
    ['{"refresh_token":"tök€n"}', []],
    ['{"refresh_token":""}', ['refresh_token']],
    ['{"refresh_token":12345}', ['refresh_token']],
    ['{"refresh_token":1.5e3}', ['refresh_token']],
    ['{"refresh_token":0}', ['refresh_token']],
    ['{"refresh_token":true}', ['refresh_token']],
    ['{"refresh_token":null}', ['refresh_token']],
    ['{"refresh_token":["x"]}', ['refresh_token']],
    ['{}', ['refresh_token']],
  ])('in %s: missing is %j', (text, missing) => {
    writeFileSync(join(root, 'data/tokens.json'), text)
    expect(perl("look_at_file({ name => 'tokens.json', keys => ['refresh_token'] })")).toMatchObject({
      missing,
    })
  })
})

describe('a line of a log', () => {
  it.each([
    ['refresh failed: HTTP 401: {"code":"unauthorized.bad_refresh_token"}', 'bad-refresh-token'],
    ['refresh failed: HTTP 400: {"error":"invalid_grant"}', 'invalid-grant'],
    ['HTTP 403: {"error":"access_denied"}', 'access-denied'],
    ['HTTP 403: {"error":"sca_exceeded"}', 'sca-exceeded'],
    ['HTTP 403: verification_required on /transactions', 'sca-exceeded'],
    ['HTTP 403: Forbidden on /accounts', 'forbidden'],
    ['HTTP 401', 'unauthorised'],
    ['2 accounts, 14 transactions, total -83.20 GBP', 'transactions'],
    ['HTTP 429 on /transactions: trouble at the bank, 2 tries left', 'trouble'],
    ['HTTP 503 on /transactions, attempt 3', 'trouble'],
    ['network error: api.monzo.com: Temporary failure in name resolution', 'trouble'],
    ['refresh ok', 'refresh-ok'],
    ['credit-accounts.json updated', 'updated'],
    ['done', 'done'],
    ['tokens loaded', null],
  ])('%s is %s', (line, kind) => {
    expect(perl(`kind_of(${perlLiteral(line)})`)).toBe(kind)
  })

  it('is counted where it counts', () => {
    expect(
      events('3 accounts, 21 transactions, total 4 GBP\n1 account: 1 transaction\ntransactions: 7\n'),
    ).toEqual([
      { kind: 'transactions', time: null, accounts: 3, transactions: 21 },
      { kind: 'transactions', time: null, transactions: 7 },
    ])
  })
})

describe('a log', () => {
  const stamp = (minutes: number): string =>
    new Date(Date.UTC(2026, 10, 20) + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  const every = (count: number, lines: (at: string, poll: number) => string): string =>
    Array.from({ length: count }, (_, poll) => lines(stamp(poll * 15), poll)).join('')

  it('in which nothing is wrong is followed a few polls back', () => {
    const good = every(500, (at) => `${at} refresh ok\n${at} 2 accounts, 4 transactions\n${at} done\n`)
    expect(events(good).length).toBeLessThanOrEqual(25)
  })

  it('that tells of one failure for more than a day is followed to its first line', () => {
    const noise = 'Traceback (most recent call last): '.padEnd(900, 'x')
    const long = `${stamp(-15)} 2 accounts, 4 transactions\n${every(
      130,
      (at, poll) =>
        `${poll % 24 === 0 ? `${at} refresh ok\n` : ''}${noise}\n${at} HTTP 403: Forbidden\n${at} done\n`,
    )}`
    expect(long.length).toBeGreaterThan(65_536)
    const found = events(long)
    expect(found[0]).toMatchObject({ kind: 'transactions' })
    expect(found.find(({ kind }) => kind === 'forbidden')?.time).toBe(stamp(0))
    expect(found.at(-2)).toEqual({ kind: 'forbidden', time: stamp(129 * 15) })
  })

  it('with the same line over and over keeps the first and the latest', () => {
    const found = events(every(2000, (at) => `${at} HTTP 503 on /accounts: trouble at the bank\n`))
    expect(found.map(({ time }) => time)).toEqual([stamp(0), stamp(1999 * 15)])
  })
})

describe('a lease or a record', () => {
  const found = (name: string, keys: string[]) =>
    perl(`look_at_note('/${name}', ${perlLiteral(keys)})`) as Parameters<typeof noted>[0]
  const lease = { holder: 'nnamdi@mac', pid: 4242, login: 7, since: 1_795_300_000, deadline: 1_795_300_090 }

  it('comes through as it was written, numbers as numbers', () => {
    writeFileSync(join(root, 'monzo.lease'), JSON.stringify(lease))
    expect(noted(found('monzo.lease', leaseKeys), parseLease)).toEqual({ state: 'here', value: lease })
    writeFileSync(join(root, 'monzo.json'), JSON.stringify(loginRecord))
    expect(noted(found('monzo.json', recordKeys), parseLoginRecord)).toEqual({
      state: 'here',
      value: loginRecord,
    })
  })

  it('that is not there is absent, and nothing else is', () => {
    expect(found('nothing.lease', leaseKeys)).toMatchObject({ state: 'absent' })
    writeFileSync(join(root, 'file'), '')
    expect(found('file/monzo.lease', leaseKeys)).toEqual({ state: 'broken', why: 'Not a directory' })
    symlinkSync('monzo.json', join(root, 'link'))
    expect(found('link', leaseKeys)).toEqual({ state: 'broken', why: 'Too many levels of symbolic links' })
    expect(found('data', leaseKeys)).toEqual({ state: 'broken', why: 'not a regular file' })
  })

  it.each([
    ['', 'it is empty'],
    ['{"holder":"x"', 'it is not a JSON object'],
    ['[1]', 'it is not a JSON object'],
    [' '.repeat(5000), 'over 4 KB'],
  ])('that holds %j is broken', (text, why) => {
    writeFileSync(join(root, 'odd.lease'), text)
    expect(found('odd.lease', leaseKeys)).toEqual({ state: 'broken', why })
  })

  it.each([
    [{ ...lease, deadline: undefined }, 'deadline is missing or has another type'],
    [{ ...lease, since: '1795300000' }, 'since is missing or has another type'],
    [{ ...lease, holder: 'a\u001b[2Jb' }, 'holder is missing or has another type'],
    [{ ...lease, holder: { a: 1 } }, 'holder is missing or has another type'],
    [{ ...lease, holder: '' }, 'holder is missing or has another type'],
  ])('%o is broken, and says where', (value, why) => {
    writeFileSync(join(root, 'odd.lease'), JSON.stringify(value))
    expect(noted(found('odd.lease', leaseKeys), parseLease)).toEqual({ state: 'broken', why })
  })

  it('lets nothing out that is not asked for', () => {
    writeFileSync(
      join(root, 'odd.json'),
      JSON.stringify({ ...loginRecord, refresh_token: 'secret', login: ['x', {}] }),
    )
    const text = JSON.stringify(found('odd.json', recordKeys))
    expect(text).not.toContain('secret')
    expect(JSON.parse(text).value.login).toEqual(['x', false])
  })
})
