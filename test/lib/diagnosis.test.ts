import { describe, expect, it } from 'vitest'
import { type Diagnosis, diagnose, unreachable, worst } from '../../lib/diagnosis.ts'
import { renderDoctor } from '../../lib/doctor-report.ts'
import type { Bank } from '../../lib/invariant.ts'
import { doctorHelp } from '../../lib/io/doctor-help.ts'
import { plan } from '../../lib/plan.ts'
import type { LogEvent } from '../../lib/probe-record.ts'
import type { Seen } from '../../lib/seen.ts'
import { answered, healthy, journalAt, liveLease, loginRecord, nowMs, present } from '../healthy.ts'

type Change = (seen: Seen) => void

const ask = (bank: Bank, change: Change, stack = 'z2', raw: Record<string, unknown> = {}): Diagnosis => {
  const { declaration, seen } = healthy(raw)
  change(seen)
  const findings = plan(declaration, seen, stack)
  const look = { stack, host: 'hinata-z2', container: 'ct109', lookedAt: '', tookMs: 1, findings }
  return diagnose(bank, { declaration, look, seen })
}

const both =
  (...changes: Change[]): Change =>
  (seen) => {
    for (const change of changes) change(seen)
  }

const says =
  (bank: Bank, kind: LogEvent['kind'], time?: string): Change =>
  (seen) => {
    present(seen.host.logs, `poll-${bank}.log`).events = [
      { kind: 'transactions' },
      { kind, time: '2026-11-22 04:00:00' },
      ...(time ? [{ kind, time }] : []),
    ]
  }

const stopTimer =
  (bank: Bank): Change =>
  (seen) => {
    const { units } = answered(seen)
    const name = `bulma-poll-${bank}.timer`
    units.set(name, { ...present(units, name), activeState: 'inactive' })
  }

const journal =
  (step: Parameters<typeof journalAt>[0]): Change =>
  (seen) => {
    seen.mac.monzo.journal = journalAt(step)
  }

const lease: Change = (seen) => {
  seen.host.logins.monzo.lease = liveLease
}

const record =
  (bank: Bank, change: Partial<typeof loginRecord>): Change =>
  (seen) => {
    seen.host.logins[bank].record = { state: 'here', value: { ...loginRecord, ...change } }
  }

const daysAgo = (days: number): number => nowMs / 1000 - days * 86_400

const stopped: Change = (seen) => {
  seen.host.inside = { state: 'stopped', says: 'stopped' }
}
const silent: Change = (seen) => {
  seen.host.inside = { state: 'unknown', why: 'pct exec did not answer in time' }
}
const noTokens: Change = ({ host }) =>
  void Object.assign(present(host.files, 'tokens_monzo.json'), { state: 'absent' })
const closed: Change = (seen) =>
  void answered(seen).access.set('tokens_monzo.json', { read: false, write: false, enter: false })
const quiet: Change = ({ host }) => {
  present(host.logs, 'poll-monzo.log').changed = nowMs / 1000 - 20_000
}
const failed: Change = (seen) => {
  const { units } = answered(seen)
  const name = 'bulma-poll-monzo.service'
  units.set(name, { ...present(units, name), activeState: 'failed' })
}

const table: [verdict: string, code: number, bank: Bank, change: Change][] = [
  ['healthy', 0, 'monzo', () => undefined],
  ['refresh-dead', 4, 'monzo', says('monzo', 'bad-refresh-token')],
  ['refresh-dead', 4, 'truelayer', says('truelayer', 'invalid-grant')],
  ['refresh-dead', 4, 'truelayer', says('truelayer', 'access-denied')],
  ['healthy', 0, 'truelayer', says('truelayer', 'sca-exceeded')],
  ['bank-trouble', 0, 'truelayer', says('truelayer', 'forbidden')],
  ['approval-pending', 4, 'monzo', says('monzo', 'forbidden')],
  [
    'approval-pending',
    4,
    'monzo',
    both(says('monzo', 'forbidden', '2026-11-29 04:00:00'), record('monzo', {})),
  ],
  [
    'approval-lapsed',
    4,
    'monzo',
    both(says('monzo', 'forbidden'), record('monzo', { loggedInAt: daysAgo(1.1) })),
  ],
  ['approval-lapsed', 4, 'monzo', says('monzo', 'forbidden', '2026-11-23 04:00:01')],
  ['approval-pending', 4, 'monzo', says('monzo', 'forbidden', '2026-11-23 04:00:00')],
  ['bank-trouble', 0, 'monzo', says('monzo', 'trouble', '2026-11-22 04:59:59')],
  ['bank-trouble', 4, 'monzo', says('monzo', 'trouble', '2026-11-22 05:00:00')],
  ['timer-stopped', 2, 'truelayer', stopTimer('truelayer')],
  ['stalled', 4, 'monzo', quiet],
  ['poll-failed', 2, 'monzo', failed],
  [
    'consent-ending',
    4,
    'truelayer',
    ({ host }) => void Object.assign(present(host.files, 'tokens_truelayer.json'), { time: '2026-08-20' }),
  ],
  [
    'consent-ending',
    4,
    'truelayer',
    record('truelayer', { loggedInAt: daysAgo(40.8), consentEnd: daysAgo(-4.9) }),
  ],
  [
    'consent-ending',
    4,
    'truelayer',
    record('truelayer', { loggedInAt: daysAgo(40.8), consentEnd: daysAgo(1) }),
  ],
  ['consent-ending', 4, 'monzo', record('monzo', { consentEnd: daysAgo(-3) })],
  ['healthy', 0, 'truelayer', record('truelayer', { loggedInAt: daysAgo(40.8), consentEnd: daysAgo(-5.1) })],
  ['tokens-missing', 4, 'monzo', noTokens],
  ['tokens-unreadable', 2, 'monzo', closed],
  ['container-down', 2, 'monzo', stopped],
  ['unknown', 3, 'monzo', silent],
  ['not-pushed', 4, 'monzo', journal('exchanging')],
  ['not-pushed', 4, 'monzo', journal('tokens-on-mac')],
  ['not-pushed', 4, 'monzo', journal('account-ok')],
  ['healthy', 4, 'monzo', journal('committed')],
  ['healthy', 4, 'monzo', journal('polled')],
  ['approval-pending', 4, 'monzo', both(journal('committed'), says('monzo', 'forbidden'))],
  ['refresh-dead', 4, 'monzo', both(journal('polled'), says('monzo', 'bad-refresh-token'))],
  ['reauth-running', 0, 'monzo', lease],
  ['reauth-running', 0, 'monzo', both(lease, journal('committed'))],
  ['reauth-running', 4, 'monzo', both(lease, stopTimer('monzo'))],
  ['reauth-running', 4, 'monzo', both(lease, says('monzo', 'bad-refresh-token'))],
  ['reauth-running', 4, 'monzo', both(lease, failed)],
  ['reauth-running', 2, 'monzo', both(lease, stopped)],
]

describe("the doctor's verdict", () => {
  it.each(table)('%s ends with %i for %s', (verdict, code, bank, change) => {
    const { verdict: found, exitCode } = ask(bank, change)
    expect([found, exitCode]).toEqual([verdict, code])
  })

  it('is explained in the help, every one of them', () => {
    for (const [verdict] of table) expect(doctorHelp).toMatch(new RegExp(`^  ${verdict} `, 'm'))
  })

  it('of one bank says nothing of the other', () => {
    expect(ask('truelayer', says('monzo', 'bad-refresh-token')).verdict).toBe('healthy')
    expect(ask('truelayer', lease).verdict).toBe('healthy')
    expect(ask('truelayer', journal('account-ok')).verdict).toBe('healthy')
  })

  it('puts a dead token before a stopped timer: starting it would not help', () => {
    const change = both(says('monzo', 'bad-refresh-token'), stopTimer('monzo'))
    expect(ask('monzo', change).verdict).toBe('refresh-dead')
  })

  it.each([
    ['a dead token', says('monzo', 'bad-refresh-token')],
    ['a stopped timer', stopTimer('monzo')],
    ['tokens that are absent', noTokens],
    ['tokens that ct109 cannot read', closed],
    ['a stopped container', stopped],
    ['a container that does not answer', silent],
    ['a pending approval', says('monzo', 'forbidden')],
  ])('that a login was not pushed beats %s', (_, change) => {
    const { verdict, next, dont } = ask('monzo', both(journal('tokens-on-mac'), change))
    expect([verdict, next]).toEqual(['not-pushed', 'npm run push -- monzo'])
    expect(dont).toBe('log in again: it would end the login that waits here')
  })

  it('is the one that drift shows as the last poll', () => {
    for (const [verdict, , bank, change] of table) {
      const { declaration, seen } = healthy()
      change(seen)
      const poll = plan(declaration, seen, 'z2').find(
        ({ kind, name }) => kind === 'last-poll' && name === bank,
      )
      if (poll?.poll === undefined || poll.cause) continue
      const elsewhere = ['timer-stopped', 'consent-ending', 'tokens-unreadable', 'container-down']
      expect(elsewhere.includes(verdict) ? verdict : poll.poll).toBe(verdict)
    }
  })

  it('advises a login only where a login helps', () => {
    const advised = table.filter(([, , bank, change]) => /npm run reauth/.test(ask(bank, change).next))
    expect([...new Set(advised.map(([verdict]) => verdict))].sort()).toEqual([
      'approval-lapsed',
      'consent-ending',
      'refresh-dead',
      'tokens-missing',
    ])
  })

  it('of several banks ends with the worst: 3, 4, 2, 0', () => {
    const codes = (...all: number[]) => worst(all.map((exitCode) => ({ exitCode }) as Diagnosis))
    expect([codes(0, 2), codes(2, 4), codes(4, 3), codes(0, 0)]).toEqual([2, 4, 3, 0])
  })
})

describe('what the doctor says is next', () => {
  it('is to finish a login that z2 has', () => {
    expect(ask('monzo', journal('polled'))).toMatchObject({
      next: 'npm run verify -- monzo',
      what: 'last poll 04:00, transactions; the login of 03:57 is on z2 and not finished',
    })
    expect(ask('monzo', both(journal('committed'), failed)).next).toBe('npm run verify -- monzo')
    expect(ask('monzo', both(journal('committed'), says('monzo', 'forbidden'))).next).toBe(
      'open the Monzo app: the prompt sits in the feed. the poll at 04:15 will succeed. then npm run verify -- monzo',
    )
  })

  it('is a new login where the one that z2 has can no longer be finished', () => {
    const next = (...changes: Change[]): string => ask('monzo', both(journal('committed'), ...changes)).next
    expect(next(says('monzo', 'bad-refresh-token'))).toBe('npm run reauth -- monzo --new-login')
    expect(next(says('monzo', 'forbidden'), record('monzo', { loggedInAt: daysAgo(3) }))).toBe(
      'look through the feed of the Monzo app. no prompt there: npm run reauth -- monzo --new-login',
    )
  })

  it('names the stack where it is not z2', () => {
    const next = (change: Change): string => ask('monzo', change, 'lab').next
    expect(next(says('monzo', 'bad-refresh-token'))).toBe('npm run reauth -- monzo --stack lab')
    expect(next(journal('account-ok'))).toBe('npm run push -- monzo --stack lab')
    expect(next(journal('polled'))).toBe('npm run verify -- monzo --stack lab')
    expect(next(stopTimer('monzo'))).toBe('npm run up -- --stack lab')
    expect(next(lease)).toBe('wait until it has ended, then npm run doctor -- monzo --stack lab')
  })

  it('is a login by force where a token file lies on the Mac already', () => {
    const change = both(says('monzo', 'bad-refresh-token'), (seen) => {
      seen.mac.monzo.token = { state: 'file', mode: 0o600, json: true }
    })
    expect(ask('monzo', change).next).toBe('npm run reauth -- monzo --force')
  })

  it('is to look at a lease that cannot be read, since nobody knows whose it is', () => {
    const broken = (seen: Seen): void => {
      seen.host.logins.monzo.lease = { state: 'broken', why: 'deadline is missing or has another type' }
    }
    expect(ask('monzo', broken)).toMatchObject({
      verdict: 'reauth-running',
      what: 'a reauth may be running: its lease cannot be read (deadline is missing or has another type)',
      next: 'ssh hinata-z2 cat /run/bulma-infra/monzo.lease',
      exitCode: 4,
    })
  })

  it('is to look at a journal that cannot be read, never a login', () => {
    const broken = (seen: Seen): void => {
      seen.mac.monzo.journal = { state: 'broken', why: 'step must be one of exchanging, …' }
    }
    expect(ask('monzo', both(broken, says('monzo', 'bad-refresh-token')))).toMatchObject({
      verdict: 'not-pushed',
      what: 'a login may wait on this Mac: its journal cannot be read (step must be one of exchanging, …)',
      next: 'ls -la /home/.reauth',
    })
  })

  it('says of a record that cannot be read that it cannot, whatever else is true', () => {
    const broken = (seen: Seen): void => {
      seen.host.logins.monzo.record = { state: 'broken', why: 'it is empty' }
    }
    expect(ask('monzo', broken)).toMatchObject({
      verdict: 'healthy',
      exitCode: 4,
      what: 'last poll 04:00, transactions; the record of the last login cannot be read (it is empty)',
      next: 'ssh hinata-z2 ls -l /var/lib/bulma-infra',
    })
    const dead = ask('monzo', both(broken, says('monzo', 'bad-refresh-token')))
    expect([dead.what.includes('cannot be read'), dead.next]).toEqual([true, 'npm run reauth -- monzo'])
  })

  it('is to wait in the first hour of trouble, and to look at the service after it', () => {
    expect(ask('monzo', says('monzo', 'trouble')).next).toBe('')
    expect(ask('monzo', says('monzo', 'trouble', '2026-11-22 06:00:00')).next).toBe(
      'ssh hinata-z2 "pct exec 109 -- systemctl show bulma-poll-monzo.service -p ActiveState -p Result -p ExecMainStatus"',
    )
  })

  it('is to look in the app once more before a login, where the approval has lapsed', () => {
    expect(
      ask('monzo', both(says('monzo', 'forbidden'), record('monzo', { loggedInAt: daysAgo(3) }))),
    ).toMatchObject({
      what: 'HTTP 403 on /accounts after a clean token load, 3 days after the login',
      next: 'look through the feed of the Monzo app. no prompt there: npm run reauth -- monzo',
    })
  })
})

describe('the days that a consent has left', () => {
  const file =
    (time: string): Change =>
    ({ host }) =>
      void Object.assign(present(host.files, 'tokens_truelayer.json'), { time, hasTime: true })
  const what = (bank: Bank, ...changes: Change[]): string => ask(bank, both(...changes)).what

  it('are counted to day 85, and from there to day 90', () => {
    expect(what('truelayer')).toBe(
      'last poll 04:00, transactions · full login 40 days ago, 45 left before day 85',
    )
    const at = (days: number): string => what('truelayer', file(String(Math.floor(daysAgo(days)))))
    expect(at(84.5)).toMatch(/ · full login 84 days ago, 1 left before day 85$/)
    expect(at(85.5)).toBe('full login 85 days ago, 5 left before day 90')
    expect(at(92)).toBe('full login 92 days ago, 2 past day 90')
  })

  it('are counted to the end that the bank named, where it named one', () => {
    const ends = (days: number): string =>
      what('truelayer', record('truelayer', { loggedInAt: daysAgo(40.8), consentEnd: daysAgo(-days) }))
    expect(ends(49.9)).toMatch(/ · full login 40 days ago, the consent ends in 49 days$/)
    expect(ends(4.9)).toBe('full login 40 days ago, the consent ends in 4 days')
    expect(ends(0.5)).toBe('full login 40 days ago, the consent ends in 12 hours')
    expect(ends(-2)).toBe('full login 40 days ago, the consent ended 2 days ago')
  })

  it('are not those of a record that is older than the login in the token file', () => {
    const old = record('truelayer', { loggedInAt: daysAgo(89), consentEnd: daysAgo(-1) })
    expect(what('truelayer', old)).toMatch(/full login 40 days ago, 45 left before day 85$/)
  })

  it('come from the record where the token file does not say when the login was', () => {
    const silentFile: Change = ({ host }) =>
      void Object.assign(present(host.files, 'tokens_truelayer.json'), { time: null, hasTime: false })
    expect(ask('truelayer', silentFile)).toMatchObject({
      verdict: 'consent-ending',
      what: 'no full_auth_at in it, so its age is not known',
      why: 'polls run fine; nobody knows when the consent ends',
    })
    expect(what('truelayer', silentFile, record('truelayer', { loggedInAt: daysAgo(3) }))).toMatch(
      / · full login 3 days ago, 82 left before day 85$/,
    )
  })

  it('are one finding, of the age at the bank whose login has one and of the poll at the other', () => {
    for (const bank of ['monzo', 'truelayer'] as const) {
      const { declaration, seen } = healthy()
      record(bank, { loggedInAt: daysAgo(40.8), consentEnd: daysAgo(-3) })(seen)
      const off = plan(declaration, seen, 'z2').filter(({ state }) => state !== 'holds')
      const id = bank === 'monzo' ? 'ct109/last-poll/monzo' : 'z2/token-age/tokens_truelayer.json'
      expect(off.map((one) => one.id)).toEqual([id])
    }
  })

  it('are not counted for Monzo, whose login has no such end', () => {
    expect(what('monzo', record('monzo', { loggedInAt: daysAgo(1) }))).toBe(
      'last poll 04:00, transactions · full login 1 day ago',
    )
  })
})

describe('what the doctor prints', () => {
  it('reads like this', () => {
    const texts = [
      ask('monzo', says('monzo', 'forbidden')),
      ask('truelayer', ({ host }) => {
        present(host.logs, 'poll-truelayer.log').events = [
          { kind: 'transactions', time: '2026-11-22 03:45:01', accounts: 2, transactions: 9 },
          { kind: 'refresh-ok', time: '2026-11-22 04:00:01' },
          { kind: 'transactions', time: '2026-11-22 04:00:02', accounts: 3, transactions: 21 },
          { kind: 'done', time: '2026-11-22 04:00:02' },
        ]
      }),
    ]
    expect(renderDoctor(texts, false)).toBe(`
monzo      approval pending
           HTTP 403 on /accounts after a clean token load, 7 minutes ago
           the token is good; Monzo waits for your approval in its app
next       open the Monzo app: the prompt sits in the feed. the poll at 04:15
           will succeed
don't      log in again: it would throw this token away
           docs/runbook/monzo.md#verify

truelayer  healthy
           last poll 04:00, refresh ok, 3 accounts, 21 transactions
           full login 40 days ago, 45 left before day 85
`)
  })

  it('of a login that is under way, and of one that is not on z2, reads like this', () => {
    const waiting = ask('monzo', both(journal('account-ok'), lease))
    expect(renderDoctor([ask('monzo', lease), waiting], false)).toBe(`
monzo      reauth running
           reauth by nnamdi@mac since 04:03
           a login is under way; until it is done the timer may stand still
next       wait until it has ended, then npm run doctor -- monzo
don't      log in as well: one login ends the other
           docs/runbook/monzo.md#verify

monzo      not pushed
           the login of 03:57 is on this Mac and not on z2; reauth by nnamdi@mac
           since 04:03
           z2 must get what is on this Mac; it may be the only chain that lives
next       wait until it has ended, then npm run doctor -- monzo
don't      log in again: it would end the login that waits here
           docs/runbook/monzo.md#verify
`)
  })

  it('of a Z2 that cannot be reached is why and what to try, and the login that waits', () => {
    const { seen } = healthy()
    seen.mac.monzo.journal = journalAt('account-ok')
    const lines = {
      what: 'cannot look at hinata-z2',
      why: 'ssh: connect to host 192.168.1.10 port 22: Connection refused',
      next: 'ssh hinata-z2 true',
      left: 'nothing was looked at and nothing was changed',
    }
    const found = (['monzo', 'truelayer'] as const).map((bank) =>
      unreachable(bank, lines, seen.mac[bank], nowMs),
    )
    expect(worst(found)).toBe(3)
    expect(renderDoctor(found, false)).toBe(`
monzo      unreachable
           cannot look at hinata-z2
           ssh: connect to host 192.168.1.10 port 22: Connection refused
next       ssh hinata-z2 true
don't      log in again: the login of 03:57 is on this Mac and not on z2
           docs/runbook/monzo.md#verify

truelayer  unreachable
           cannot look at hinata-z2
           ssh: connect to host 192.168.1.10 port 22: Connection refused
next       ssh hinata-z2 true
           docs/runbook/truelayer.md#verify
`)
  })

  it('is never wider than eighty columns, commands to copy aside', () => {
    for (const [, , bank, change] of table) {
      const wide = renderDoctor([ask(bank, change, 'lab')], false)
        .split('\n')
        .filter((line) => line.length > 80 && !/^next {7}(npm|ssh) |^ {11}npm run /.test(line))
      expect(wide).toEqual([])
    }
  })
})
