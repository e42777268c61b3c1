import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { plantLease, plantRecord } from './login-note.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'

// "When NOT to run" of the runbooks: refused with the right advice and exit code, and nothing changes: no file on Z2 or the
// Mac, no unit, nothing at the bank.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace()
})
afterEach(async () => {
  await place.project.lab('mend')
  await place.project.ssh('rm -rf .lab/z2/run/bulma-infra .lab/z2/var/lib/bulma-infra')
})
afterAll(() => place.end())

/** Runs it once for each set of flags, and looks at everything before and after. */
async function untouched(bank: Bank, sets: string[][]): Promise<Ended[]> {
  const before = await place.state()
  const ended: Ended[] = []
  for (const flags of sets) {
    const person = place.person('reauth', bank, ...flags)
    const code = await person.end()
    expect(person.shown).not.toContain('response_type=code')
    ended.push({ code, shown: person.shown })
  }
  place.sameState(before, await place.state())
  return ended
}
type Ended = { code: number | null; shown: string }

const command = (verb: string) => (bank: Bank) => `npm run ${verb} -- ${bank} --stack lab`
const up = (): string => 'npm run up -- --stack lab'
const service = (bank: Bank): string =>
  `ssh -F .lab/ssh_config hinata-z2 "pct exec 109 -- systemctl show bulma-poll-${bank}.service`

type Case = {
  says: string
  faults?: (bank: Bank) => string[]
  before?: (bank: Bank) => Promise<unknown>
  of?: Bank[]
  code: number
  why: RegExp
  next: (bank: Bank) => string
  /** false where `--anyway` cannot help: it is refused all the same */
  anyway?: boolean
}

const cases: Case[] = [
  { says: 'healthy', code: 1, why: /polls run as they should/, next: command('doctor') },
  {
    says: 'the access token is over, which the poller renews by itself',
    before: (bank) => place.order({ bank, do: 'expireAccess' }),
    code: 1,
    why: /polls run as they should/,
    next: command('doctor'),
  },
  {
    says: 'the app approval is pending',
    faults: () => ['poll-approval-monzo'],
    before: () => plantRecord(place.project, 'monzo', 1),
    of: ['monzo'],
    code: 4,
    why: /accounts answers 403: the app approval is pending, the token itself is good/,
    next: () => 'open the Monzo app and approve; then npm run verify -- monzo --stack lab',
  },
  {
    says: 'NatWest wants a person for old history',
    faults: () => ['poll-approval-truelayer'],
    of: ['truelayer'],
    code: 1,
    why: /polls run as they should/,
    next: command('doctor'),
  },
  {
    says: 'the bank cannot be reached since an hour',
    faults: (bank) => [`poll-unreachable-${bank}`],
    code: 4,
    why: /network or bank trouble, not of a dead token/,
    next: service,
  },
  {
    says: 'the service failed for want of a network that is back',
    faults: (bank) => [`poll-failed-${bank}`],
    code: 2,
    why: /the service failed, and not for want of a token/,
    next: up,
  },
  {
    says: 'the timer is stopped',
    faults: (bank) => [`timer-stopped-${bank}`],
    code: 2,
    why: /the timer does not run; the tokens have nothing to do with it/,
    next: up,
  },
  {
    says: 'the timer is disabled and the log shows nothing since hours',
    faults: (bank) => [`timer-disabled-${bank}`, `poll-stalled-${bank}`],
    code: 2,
    why: /the timer does not run; the tokens have nothing to do with it/,
    next: up,
  },
  {
    says: 'TrueLayer is silent, and nothing says invalid_grant',
    faults: () => ['poll-stalled-truelayer'],
    of: ['truelayer'],
    code: 4,
    why: /nothing says invalid_grant; a silent poll is no reason for a login/,
    next: service,
  },
  {
    says: 'the container cannot read its token file',
    faults: (bank) => [`token-unreadable-${bank}`],
    code: 2,
    why: /ct109 cannot use its token file; the token itself may be good/,
    next: up,
  },
  {
    says: 'the container is stopped',
    faults: () => ['container-stopped'],
    code: 2,
    why: /the container is not as documented, so a login could not be brought there/,
    next: up,
    anyway: false,
  },
  {
    says: 'another machine has the id 109',
    faults: () => ['container-renamed'],
    code: 4,
    why: /the container is not as documented/,
    next: () => 'pct list',
    anyway: false,
  },
  {
    says: 'somebody logs in already',
    before: async (bank) => {
      await plantRecord(place.project, bank, 24 * 40)
      await plantLease(place.project, bank, 300)
    },
    code: 1,
    why: /error: a (monzo|truelayer) login is under way already\nwhy: +nnamdi@mac holds it since \d\d:\d\d/,
    next: command('doctor'),
    anyway: false,
  },
  {
    says: 'Z2 does not answer',
    faults: () => ['port-refused'],
    code: 3,
    why: /Connection refused/,
    next: () => 'ssh -F .lab/ssh_config hinata-z2 true',
    anyway: false,
  },
]

const rows = cases.flatMap((one) => (one.of ?? banks).map((bank) => ({ ...one, bank })))

describe('npm run reauth', () => {
  it.each(rows)(
    '$bank: $says: refused with exit $code',
    async ({ bank, faults, before, code, why, next, anyway }) => {
      if (faults) await place.project.lab('break', ...faults(bank))
      await before?.(bank)
      const sets = [[], ['--force'], ...(anyway === false ? [['--anyway', '--yes']] : [])]
      for (const refused of await untouched(bank, sets)) {
        expect(refused.shown).toMatch(/^error: /m)
        expect(refused.shown).toMatch(why)
        expect(refused.shown.match(/next: +(.*)/)?.[1]).toContain(next(bank))
        expect(refused.shown).toMatch(/left: .*nothing was .*changed/)
        expect(refused.code, refused.shown).toBe(code)
      }
    },
  )

  it.each(banks)('%s: a poll that the bank itself failed a minute ago is no reason either', async (bank) => {
    const trouble = [{ how: bank === 'monzo' ? '500' : 'internal_server_error', on: 'any' }]
    await place.knob(bank, { trouble })
    await place.poll(bank)
    await place.knob(bank, { trouble: [] })
    expect(['poll-failed', 'bank-trouble']).toContain((await place.doctor(bank)).verdict)
    const [refused] = await untouched(bank, [['--force']])
    expect([refused?.code === 0, refused?.shown]).toEqual([
      false,
      expect.stringMatching(/not for want of a token|not of a dead token/),
    ])
    await place.poll(bank)
    expect((await place.doctor(bank)).verdict).toBe('healthy')
  })

  it.each(banks)('%s: a token file on the Mac is not replaced without --force', async (bank) => {
    await place.project.lab('break', `transit-${bank}`, `poll-dead-${bank}`)
    const [refused] = await untouched(bank, [[]])
    expect(refused?.code).toBe(1)
    expect(refused?.shown).toContain(`error: tokens_${bank}.json lies on this Mac already`)
    expect(refused?.shown).toContain(`npm run push -- ${bank} --stack lab, or npm run reauth -- ${bank}`)
    expect((await place.doctor(bank)).next).toBe(`npm run reauth -- ${bank} --force --stack lab`)
    const allowed = place.person('reauth', bank, '--force')
    await allowed.address()
    allowed.interrupts()
    expect(await allowed.end()).toBe(130)
    expect(allowed.shown).toContain('interrupted. nothing was changed')
  })
})
