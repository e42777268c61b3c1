import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { get, press } from '../bank/bank-place.ts'
import { type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn } from './person.ts'

// Monzo gives a token that opens nothing before somebody taps "approve" in its app: late, never, not today. A 403 never
// leads to another login, since that would throw the good token away.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace({ limits: { approvalSeconds: 4 } })
  await place.logsIn('monzo')
})
afterAll(() => place.end())
beforeEach(async () => {
  place.forgets('monzo')
  await place.knob('monzo', { approve: 'manual' })
})

const rest = { timer: true, switch: '', staged: '', lease: null }
const exchanges = async (): Promise<number> =>
  ((await place.order({ bank: 'monzo', do: 'audit' })) as { event: string }[]).filter(
    ({ event }) => event === 'exchange',
  ).length
const approve = (): Promise<unknown> => place.order({ bank: 'monzo', do: 'approve' })

/** A login that nobody has approved when it ends. */
async function unapproved(): Promise<void> {
  await place.dies('monzo')
  const person = place.person('reauth', 'monzo')
  await logsIn(await person.address())
  expect(await person.end(), person.shown).toBe(4)
  expect(person.shown).toMatch(
    /error: the login is not approved in the Monzo app yet\nwhy: {3}accounts still answers 403; the token itself is good\nnext: {2}approve in the Monzo app \(the prompt sits in the feed\), then npm run verify -- monzo --stack lab\nleft: {2}the tokens are on ct109 and its timer runs/,
  )
  expect(await place.isLive('monzo')).toBe(true)
  expect(await place.atRest('monzo')).toEqual(rest)
  expect(place.journal('monzo')?.step).toBe('committed')
  expect(place.hasMac('monzo', 'tokens_monzo.json')).toBe(true)
}

/** All is as after a login that went well. */
async function finished(): Promise<void> {
  expect(await place.isLive('monzo')).toBe(true)
  expect(await place.atRest('monzo')).toEqual(rest)
  expect(place.macFiles('monzo')).toEqual(['.reauth/.gitignore', 'monzo_credentials.json'])
  expect(await place.doctor('monzo')).toMatchObject({ verdict: 'healthy', exitCode: 0 })
}

describe('an approval that is tapped late', () => {
  it('is waited for, and then one more poll proves it', async () => {
    place.setLimits({ approvalSeconds: 120 })
    await place.dies('monzo')
    const person = place.person('reauth', 'monzo')
    expect(await logsIn(await person.address())).toBe('monzo login finished')
    await person.sees(/approve in the Monzo app\. if you dismissed the prompt, it sits in the feed/)
    expect(await place.timerIsActive('monzo')).toBe(true)
    await approve()
    expect(await person.end(), person.shown).toBe(0)
    expect(person.shown).toMatch(
      /✓ approved\n(.*\n)*.*✓ poll on ct109 at \d\d:\d\d: \d+ transactions, no 401/,
    )
    place.setLimits({ approvalSeconds: 4 })
    await finished()
  })

  it('is found by a poll of the timer too, and verify then tidies up', async () => {
    await unapproved()
    await approve()
    await place.poll('monzo')
    expect(await place.doctor('monzo')).toMatchObject({
      verdict: 'healthy',
      exitCode: 4,
      next: 'npm run verify -- monzo --stack lab',
    })
    const { code, err } = await place.run('verify', 'monzo')
    expect([code, err]).toEqual([0, expect.stringContaining('Mac copy of tokens_monzo.json deleted')])
    await finished()
  })
})

describe('an approval that nobody taps', () => {
  it('leaves the tokens on ct109; no command logs in again for it, and verify finishes it', async () => {
    await unapproved()
    const pending = await place.doctor('monzo')
    expect(pending).toMatchObject({ verdict: 'approval-pending', exitCode: 4 })
    expect(pending.next).toMatch(/^open the Monzo app.*then npm run verify -- monzo --stack lab$/)
    expect(pending.dont).toContain('log in again')
    const before = await exchanges()
    for (const flags of [[], ['--force'], ['--anyway'], ['--anyway', '--yes']]) {
      const again = place.person('reauth', 'monzo', ...flags)
      expect(await again.end(), again.shown).toBe(4)
      expect(again.shown).toContain('carrying on from')
      expect(again.shown).toContain('error: the login is not approved in the Monzo app yet')
    }
    const verify = await place.run('verify', 'monzo')
    expect([verify.code, verify.err]).toEqual([
      4,
      expect.stringContaining('the login is not approved in the Monzo app yet'),
    ])
    expect(await exchanges()).toBe(before)
    expect(await place.isLive('monzo')).toBe(true)
    expect(await place.atRest('monzo')).toEqual(rest)

    await approve()
    const done = await place.run('verify', 'monzo')
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/monzo: healthy/)])
    expect(await exchanges()).toBe(before)
    await finished()
  })

  it('because the prompt was dismissed is tapped in the feed', async () => {
    await unapproved()
    const { monzo } = JSON.parse(place.labFile('bank.json')) as { monzo: string }
    await press(monzo, await get(`${monzo}/app`), 'dismiss')
    expect((await place.run('verify', 'monzo')).code).toBe(4)
    await press(monzo, await get(`${monzo}/app`), 'approve')
    expect((await place.run('verify', 'monzo')).code).toBe(0)
    await finished()
  })

  it('is still a 403 after ct109 has refreshed, and not trouble', async () => {
    await unapproved()
    await place.order({ bank: 'monzo', do: 'expireAccess' })
    await place.poll('monzo')
    const refreshed = await place.refreshOnZ2('monzo')
    const person = place.person('verify', 'monzo')
    expect(await person.end(), person.shown).toBe(4)
    expect(person.shown).toContain('not approved in the Monzo app yet')
    expect(await place.refreshOnZ2('monzo')).toBe(refreshed)
    await approve()
    expect((await place.run('verify', 'monzo')).code).toBe(0)
    await finished()
  })
})

describe('a day later', () => {
  /** The login on Z2 and on the Mac was so many hours ago. */
  async function ago(hours: number): Promise<void> {
    const record = await place.record('monzo')
    const at = Math.floor(Date.now() / 1000) - hours * 3600
    await place.writeZ2(
      '/var/lib/bulma-infra/monzo.json',
      `${JSON.stringify({ ...record, loggedInAt: at, committedAt: at + 20 })}\n`,
    )
  }

  it('a 403 asks whether the feed was looked through, and only then a login is allowed', async () => {
    await unapproved()
    await ago(25)
    expect((await place.doctor('monzo')).verdict).toBe('approval-lapsed')
    const before = await exchanges()
    const no = place.person('reauth', 'monzo', '--new-login')
    await no.answers(/have you looked through the feed of the Monzo app.* type yes/, 'no')
    expect(await no.end(), no.shown).toBe(4)
    expect(no.shown).toMatch(/left: {2}nothing was changed/)
    expect(await exchanges()).toBe(before)
    expect(await place.isLive('monzo')).toBe(true)

    await place.knob('monzo', { approve: 500 })
    const yes = place.person('reauth', 'monzo')
    await yes.answers(/have you looked through the feed of the Monzo app.* type yes/, 'yes')
    await logsIn(await yes.address())
    expect(await yes.end(), yes.shown).toBe(0)
    expect(await exchanges()).toBe(before + 1)
    await finished()
  })

  it('the doctor leads out of an unfinished login that can no longer be approved', async () => {
    await unapproved()
    await ago(25)
    const lapsed = await place.doctor('monzo')
    expect([lapsed.verdict, lapsed.exitCode]).toEqual(['approval-lapsed', 4])
    expect(lapsed.next).toMatch(/npm run reauth -- monzo .*--new-login/)
    await approve()
    expect((await place.run('verify', 'monzo')).code).toBe(0)
    await finished()
  })
})
