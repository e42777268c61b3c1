import { describe, expect, it } from 'vitest'
import type { Finding } from '../../lib/finding.ts'
import type { Bank } from '../../lib/invariant.ts'
import { plan } from '../../lib/plan.ts'
import type { LogEvent } from '../../lib/probe-record.ts'
import type { Seen } from '../../lib/seen.ts'
import { answered, healthy, nowMs, present } from '../healthy.ts'

const events = (...lines: string[]): LogEvent[] =>
  lines.map((line) => {
    const [kind, time] = line.split(' at ')
    return { kind: kind as LogEvent['kind'], time: time ?? null }
  })

const poll = (bank: Bank, lines: string[], change: (seen: Seen) => void = () => undefined): Finding => {
  const { declaration, seen } = healthy()
  present(seen.host.logs, `poll-${bank}.log`).events = events(...lines)
  change(seen)
  const found = plan(declaration, seen, 'z2').find(({ id }) => id === `ct109/last-poll/${bank}`)
  return found as Finding
}

describe('the last poll of Monzo', () => {
  it('is dead after HTTP 401 / Bad refresh token: a person logs in', () => {
    const { state, seen, next } = poll('monzo', ['transactions', 'bad-refresh-token', 'done'])
    expect(state).toBe('needs-person')
    expect(seen).toBe('refresh token dead: HTTP 401, Bad refresh token, 7 minutes ago')
    expect(next).toBe('npm run reauth -- monzo')
  })

  it('is good when a good poll followed an old 401: the latest evidence wins', () => {
    expect(poll('monzo', ['bad-refresh-token', 'refresh-ok', 'transactions', 'done']).state).toBe('holds')
  })

  it('waits for the app after a 403: never log in again for that', () => {
    const { state, seen, next } = poll('monzo', ['refresh-ok', 'forbidden'])
    expect(state).toBe('needs-person')
    expect(seen).toBe('approval pending: HTTP 403 on /accounts after a clean token load, 7 minutes ago')
    expect(next).toBe('open the Monzo app and approve: the prompt sits in the feed. do not log in again')
  })

  it('is not judged by a 401 from before the token file that is there now', () => {
    const { state, seen } = poll('monzo', ['bad-refresh-token'], ({ host }) => {
      present(host.files, 'tokens_monzo.json').changed = nowMs / 1000 - 60
    })
    expect([state, seen]).toEqual(['holds', 'new tokens 1 minute ago, not polled with yet'])
  })
})

describe('the last poll of TrueLayer', () => {
  it.each(['invalid-grant', 'access-denied'])('is dead after %s', (kind) => {
    expect(poll('truelayer', ['transactions', kind]).seen).toMatch(/^refresh token dead: /)
  })

  it('is not dead after a 401: the poller refreshes an access token by itself', () => {
    expect(poll('truelayer', ['transactions', 'unauthorised']).state).toBe('holds')
  })

  it('is not an authentication failure after sca_exceeded', () => {
    expect(poll('truelayer', ['sca-exceeded']).state).toBe('holds')
  })
})

describe('the last poll of either bank', () => {
  it('with network trouble tries again by itself for an hour, then somebody looks', () => {
    expect(
      poll('monzo', ['transactions', 'trouble at 2026-11-22 03:50', 'trouble at 2026-11-22 04:00']).state,
    ).toBe('holds')
    const long = poll('monzo', ['transactions', 'trouble at 2026-11-22 02:00', 'trouble at 2026-11-22 04:00'])
    expect([long.state, long.seen]).toEqual(['needs-person', 'network or bank trouble for 2 hours'])
  })

  it('that failed for another reason is polled again by up', () => {
    const { state, seen } = poll('monzo', ['transactions'], (world) => {
      const { units } = answered(world)
      const name = 'bulma-poll-monzo.service'
      units.set(name, { ...present(units, name), activeState: 'failed', result: 'exit-code' })
    })
    expect([state, seen]).toEqual(['differs', 'bulma-poll-monzo.service failed (exit-code), 7 minutes ago'])
  })

  it('that fails and is started again and again by systemd is for a person', () => {
    const { state, seen, next } = poll('monzo', ['transactions'], (world) => {
      const { units } = answered(world)
      const name = 'bulma-poll-monzo.service'
      const looping = { activeState: 'activating', subState: 'auto-restart', result: 'exit-code' }
      units.set(name, { ...present(units, name), ...looping })
    })
    expect([state, seen]).toEqual([
      'needs-person',
      'bulma-poll-monzo.service fails (exit-code) and is started again and again',
    ])
    expect(next).toContain('bulma-poll-monzo.service')
  })

  it('is never polled again by up when the token is dead: that would erase the evidence', () => {
    const { state } = poll('monzo', ['bad-refresh-token'], (world) => {
      const { units } = answered(world)
      const name = 'bulma-poll-monzo.service'
      units.set(name, { ...present(units, name), activeState: 'failed' })
    })
    expect(state).toBe('needs-person')
  })

  const quiet = ({ host }: Seen): void => {
    present(host.logs, 'poll-monzo.log').changed = nowMs / 1000 - 4 * 3600
  }

  it('that wrote nothing for more than three intervals is stalled', () => {
    const { state, seen } = poll('monzo', ['transactions'], quiet)
    expect([state, seen]).toEqual([
      'needs-person',
      'no new line in poll-monzo.log for 4 hours, though the timer runs',
    ])
  })

  it('that is quiet because its timer is stopped hangs on the timer: look there first', () => {
    const { cause } = poll('monzo', ['transactions'], (world) => {
      quiet(world)
      const { units } = answered(world)
      const name = 'bulma-poll-monzo.timer'
      units.set(name, { ...present(units, name), activeState: 'inactive' })
    })
    expect(cause).toBe('ct109/timer/bulma-poll-monzo.timer')
  })

  it('without a log, or with a log that says nothing known, is never called fine', () => {
    const absent = poll('monzo', [], ({ host }) => {
      present(host.logs, 'poll-monzo.log').state = 'absent'
    })
    expect(absent.seen).toBe('no poll-monzo.log yet, though the timer runs')
    expect(poll('monzo', []).state).toBe('needs-person')
    expect(poll('monzo', ['done']).state).toBe('needs-person')
  })
})
