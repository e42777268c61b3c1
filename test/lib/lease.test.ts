import { describe, expect, it } from 'vitest'
import type { Finding } from '../../lib/finding.ts'
import { repairText } from '../../lib/io/repair-text.ts'
import { heldBy, type Lease, parseLease } from '../../lib/lease.ts'
import type { Noted } from '../../lib/note.ts'
import { outcome } from '../../lib/outcome.ts'
import { plan } from '../../lib/plan.ts'
import { resources } from '../../lib/resource.ts'
import type { Seen } from '../../lib/seen.ts'
import { answered, healthy, journalAt, liveLease, nowMs, present } from '../healthy.ts'

const at = (seconds: Partial<Lease>): Noted<Lease> => ({
  state: 'here',
  value: {
    holder: 'nnamdi@mac',
    pid: 1,
    login: 7,
    since: nowMs / 1000 - 60,
    deadline: nowMs / 1000,
    ...seconds,
  },
})

describe('a lease', () => {
  it('is held up to its deadline to the second, by the clock of Z2', () => {
    expect(heldBy(at({}), nowMs)).toEqual({ says: 'reauth by nnamdi@mac since 04:06', isBroken: false })
    expect(heldBy(at({}), nowMs + 1)).toBeNull()
    expect(heldBy(at({ deadline: nowMs / 1000 - 1 }), nowMs)).toBeNull()
  })

  it('that reaches further ahead than any does was written before the clock went back', () => {
    expect(heldBy(at({ deadline: nowMs / 1000 + 3600 }), nowMs)).not.toBeNull()
    expect(heldBy(at({ deadline: nowMs / 1000 + 3601 }), nowMs)).toBeNull()
  })

  it('that began on another day says on which', () => {
    expect(heldBy(at({ since: nowMs / 1000 - 6 * 3600 }), nowMs)?.says).toBe(
      'reauth by nnamdi@mac since Sat 22:07',
    )
  })

  it("that is not there is nobody's, one that cannot be read is somebody's", () => {
    expect(heldBy({ state: 'absent' }, nowMs)).toBeNull()
    expect(heldBy({ state: 'broken', why: 'it is empty' }, nowMs)).toEqual({
      says: 'a reauth may be running: its lease cannot be read (it is empty)',
      isBroken: true,
    })
  })

  it('must have every field', () => {
    const { state: _, ...whole } = liveLease as Extract<typeof liveLease, { state: 'here' }>
    for (const key of Object.keys(whole.value))
      expect(() => parseLease({ ...whole.value, [key]: undefined })).toThrow(
        `${key} is missing or has another type`,
      )
  })
})

/** A world in which everything of both banks that `up` repairs is broken. */
function broken(change: (seen: Seen) => void) {
  const { declaration, seen } = healthy()
  for (const bank of ['monzo', 'truelayer']) {
    const { units, access } = answered(seen)
    units.set(`bulma-poll-${bank}.timer`, {
      ...present(units, `bulma-poll-${bank}.timer`),
      activeState: 'inactive',
    })
    units.set(`bulma-poll-${bank}.service`, {
      ...present(units, `bulma-poll-${bank}.service`),
      activeState: 'failed',
    })
    access.set(`tokens_${bank}.json`, { read: false, write: false, enter: false })
    if (bank === 'monzo') access.set('monzo_credentials.json', { read: false, write: false, enter: false })
  }
  change(seen)
  const findings = plan(declaration, seen, 'z2')
  return { findings, all: resources(declaration, findings, 'run-1', repairText()) }
}

const hold =
  (lease: Noted<Lease>) =>
  (seen: Seen): void => {
    seen.host.logins.monzo.lease = lease
  }

const states = (findings: Finding[]): Record<string, string> =>
  Object.fromEntries(findings.filter(({ state }) => state !== 'holds').map(({ id, state }) => [id, state]))

describe('a lease that is held', () => {
  const { findings, all } = broken(hold(liveLease))
  const of = (id: string): Finding => findings.find((one) => one.id === id) as Finding

  it('leaves what differs of its bank to a person, and all else to up', () => {
    expect(states(findings)).toEqual({
      'ct109/timer/bulma-poll-monzo.timer': 'needs-person',
      'ct109/timer/bulma-poll-truelayer.timer': 'differs',
      'ct109/last-poll/monzo': 'needs-person',
      'ct109/last-poll/truelayer': 'differs',
      'z2/token-file/tokens_monzo.json': 'needs-person',
      'z2/token-file/tokens_truelayer.json': 'differs',
      'z2/credentials-file/monzo_credentials.json': 'needs-person',
    })
    expect(outcome(findings)).toBe(4)
  })

  it('is told on every one of these, by whom and since when', () => {
    expect(of('ct109/timer/bulma-poll-monzo.timer')).toMatchObject({
      seen: 'enabled, inactive; reauth by nnamdi@mac since 04:03',
      next: 'wait until it has ended, then npm run doctor -- monzo',
    })
    expect(of('ct109/last-poll/monzo')).toMatchObject({
      seen: 'bulma-poll-monzo.service failed (success), 7 minutes ago; reauth by nnamdi@mac since 04:03',
      poll: 'reauth-running',
    })
  })

  it('keeps up from opening a session for any of them', () => {
    const mine = all.filter(({ name }) => /monzo/.test(name) && !/^mac/.test(name))
    const running = mine.filter(
      ({ ignoreChanges, args }) => ignoreChanges.length === 0 && args.interpreter[0] === 'ssh',
    )
    expect(running).toEqual([])
    expect(
      all.filter(({ ignoreChanges, args }) => ignoreChanges.length === 0 && args.interpreter[0] === 'ssh')
        .length,
    ).toBe(3)
  })

  it('leaves what holds as it is, and is told by the last poll alone', () => {
    const { declaration, seen } = healthy()
    hold(liveLease)(seen)
    const found = plan(declaration, seen, 'z2')
    expect([states(found), outcome(found)]).toEqual([{}, 0])
    expect(found.filter((one) => one.seen.includes('reauth by')).map(({ id }) => id)).toEqual([
      'ct109/last-poll/monzo',
    ])
  })

  it('that cannot be read counts as held, and is a finding even where all else holds', () => {
    const unread: Noted<Lease> = { state: 'broken', why: 'it is empty' }
    expect(states(broken(hold(unread)).findings)['ct109/timer/bulma-poll-monzo.timer']).toBe('needs-person')
    const { declaration, seen } = healthy()
    hold(unread)(seen)
    expect(states(plan(declaration, seen, 'z2'))).toEqual({ 'ct109/last-poll/monzo': 'needs-person' })
  })

  it('that has run out changes nothing', () => {
    const over = broken(hold(at({ deadline: nowMs / 1000 - 1 })))
    expect(states(over.findings)).toEqual(states(broken(() => undefined).findings))
  })
})

describe('a login that is not finished', () => {
  const look = (
    step: Parameters<typeof journalAt>[0],
    change: (seen: Seen) => void = () => undefined,
  ): Finding[] => {
    const { declaration, seen } = healthy()
    seen.mac.monzo.journal = journalAt(step)
    seen.mac.monzo.token = { state: 'file', mode: 0o600, json: true }
    change(seen)
    return plan(declaration, seen, 'z2')
  }
  const own = (findings: Finding[]): string[] =>
    findings.filter(({ state, cause }) => state !== 'holds' && cause === null).map(({ id }) => id)

  it.each(['exchanging', 'tokens-on-mac', 'account-ok', 'committed', 'polled'] as const)(
    'at %s is one finding, and its copy on the Mac hangs on it',
    (step) => {
      expect(own(look(step))).toEqual(['ct109/last-poll/monzo'])
    },
  )

  it('explains the token file that z2 does not have', () => {
    const found = look('account-ok', ({ host }) => {
      present(host.files, 'tokens_monzo.json').state = 'absent'
    })
    expect(own(found)).toEqual(['ct109/last-poll/monzo'])
    const poll = found.find(({ id }) => id === 'ct109/last-poll/monzo')
    expect([poll?.seen, poll?.next]).toEqual([
      'the login of 03:57 is on this Mac and not on z2',
      'npm run push -- monzo',
    ])
  })

  it('that was committed does not explain one that was lost since', () => {
    const found = look('committed', ({ host }) => {
      present(host.files, 'tokens_monzo.json').state = 'absent'
    })
    expect(own(found)).toEqual(['z2/token-file/tokens_monzo.json'])
  })

  it('while its reauth still runs needs nobody', () => {
    const found = look('committed', (seen) => {
      seen.mac.monzo.token = { state: 'absent' }
      hold(liveLease)(seen)
    })
    expect(own(found)).toEqual([])
  })
})
