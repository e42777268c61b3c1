import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
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

/** Runs it and looks at everything before and after. */
async function untouched(bank: Bank, flags: string[], answer?: [RegExp, string]) {
  const before = await place.state()
  const person = place.person('reauth', bank, ...flags)
  if (answer) await person.answers(...answer)
  const code = await person.end()
  expect(person.shown).not.toContain('response_type=code')
  const after = await place.state()
  // Whether a poll of the timer came between is told by its last trigger: then the log has a right to differ.
  if (polls(before) === polls(after)) expect(after).toBe(before)
  return { code, shown: person.shown }
}
const polls = (state: string): string => JSON.stringify(state.match(/^LastTriggerUSec=.*$/gm))

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
      for (const flags of [[], ['--force'], ...(anyway === false ? [['--anyway', '--yes']] : [])]) {
        const refused = await untouched(bank, flags)
        expect(refused.shown).toMatch(/^error: /m)
        expect(refused.shown).toMatch(why)
        expect(refused.shown).toContain(`next:  `)
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
    const { code, shown } = await untouched(bank, ['--force'])
    expect([code === 0, shown]).toEqual([
      false,
      expect.stringMatching(/not for want of a token|not of a dead token/),
    ])
    await place.poll(bank)
    expect((await place.doctor(bank)).verdict).toBe('healthy')
  })

  it.each(banks)('%s: a token file on the Mac is not replaced without --force', async (bank) => {
    await place.project.lab('break', `transit-${bank}`, `poll-dead-${bank}`)
    const refused = await untouched(bank, [])
    expect(refused.code).toBe(1)
    expect(refused.shown).toContain(`error: tokens_${bank}.json lies on this Mac already`)
    expect(refused.shown).toContain(`npm run push -- ${bank} --stack lab, or npm run reauth -- ${bank}`)
    expect((await place.doctor(bank)).next).toBe(`npm run reauth -- ${bank} --force --stack lab`)
    const allowed = place.person('reauth', bank, '--force')
    await allowed.address()
    allowed.interrupts()
    expect(await allowed.end()).toBe(130)
    expect(allowed.shown).toContain('interrupted. nothing was changed')
  })
})

describe('--anyway', () => {
  it('asks once more over a Monzo chain that lives, and no is the default', async () => {
    const question = /end the chain that ct109 holds all the same\? type yes to go on/
    for (const answer of ['', 'no', 'y']) {
      const { code, shown } = await untouched('monzo', ['--anyway'], [question, answer])
      expect([code, shown]).toEqual([4, expect.stringContaining('the question was not answered with yes')])
    }
    const before = await place.state()
    const piped = await place.run('reauth', 'monzo', '--anyway')
    expect([piped.code, piped.err]).toEqual([4, expect.stringContaining('this is not a terminal')])
    expect(await place.state()).toBe(before)
    const yes = place.person('reauth', 'monzo', '--anyway')
    await yes.answers(question, 'yes')
    await yes.address()
    yes.interrupts()
    expect(await yes.end()).toBe(130)
    expect(await place.isLive('monzo')).toBe(true)
  })

  it('is enough at TrueLayer, where a login ends no other', async () => {
    const person = place.person('reauth', 'truelayer', '--anyway')
    await person.address()
    expect(person.shown).not.toContain('type yes')
    person.interrupts()
    expect(await person.end()).toBe(130)
    expect(await place.isLive('truelayer')).toBe(true)
  })
})

describe('before any browser opens', () => {
  const dead = async (bank: Bank, ...faults: string[]): Promise<void> =>
    place.project.lab('break', `poll-dead-${bank}`, ...faults)

  it.each(banks)('%s: credentials that are not there are asked for, with their form', async (bank) => {
    await dead(bank, `mac-credentials-absent-${bank}`)
    const { code, shown } = await untouched(bank, [])
    expect(code, shown).toBe(4)
    expect(shown).toContain(`${bank}_credentials.json is absent`)
    expect(shown).toMatch(/client_id.*client_secret/s)
  })

  it.each(banks)('%s: credentials that others can read are not used', async (bank) => {
    await dead(bank, `mac-credentials-open-${bank}`)
    const { code, shown } = await untouched(bank, [])
    expect([code, shown]).toEqual([4, expect.stringContaining('chmod 600')])
  })

  it('another client than the one that ct109 uses is asked about', async () => {
    await dead('monzo')
    const path = credentialsOnZ2
    const other = JSON.stringify({ client_id: 'oauth2client_other', client_secret: 'mnzconf.other' })
    await place.writeZ2(path, other)
    const person = place.person('reauth', 'monzo')
    await person.answers(/replace the client that ct109 uses\? type yes/, 'no')
    expect(await person.end()).toBe(4)
    expect(person.shown).toContain('nothing was changed, and no browser was opened')
    expect(await place.onZ2(path)).toBe(other)
    expect(await place.atRest('monzo')).toMatchObject({ timer: true, switch: '', lease: null })
  })

  it.each(banks)('%s: a port that another program has is named, with the way around it', async (bank) => {
    await dead(bank)
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(place.port, '127.0.0.1', resolve))
    const person = place.person('reauth', bank)
    expect(await person.end(), person.shown).toBe(1)
    expect(person.shown).toContain(`error: port ${place.port} is in use`)
    expect(person.shown).toMatch(
      new RegExp(`--port (\\d+) --redirect-uri http://localhost:\\1/${bank}/callback`),
    )
    expect(await place.atRest(bank)).toMatchObject({ timer: true, switch: '', staged: '', lease: null })
  })

  it.each([
    ['bind-mount-unmounted', /ct109 does not see .* at|bind mount|not as documented/],
    ['token-folder-monzo', /no regular file|not a regular file/],
  ])('monzo: %s: a login that could not be brought there is not begun', async (fault, why) => {
    await dead('monzo', fault)
    const { code, shown } = await untouched('monzo', ['--anyway', '--yes'])
    expect([code === 0, shown]).toEqual([false, expect.stringMatching(why)])
  })
})

const credentialsOnZ2 = '/mnt/data/hinata/data/bulma/monzo_credentials.json'
