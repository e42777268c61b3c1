import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dataFolder, fingerprint, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn } from './person.ts'

// A login that is made before anything breaks: TrueLayer's consent is old while its polls run fine; and Monzo that has fallen
// silent, where only a person can say that something is wrong.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace({ recorded: true })
})
afterAll(() => place.end())

const day = 86_400
const now = (): number => Math.floor(Date.now() / 1000)

/** The last full login was so many days ago: at the bank, in Z2's token file and in its record, where it has one. */
async function aged(days: number): Promise<void> {
  await place.order({ bank: 'truelayer', do: 'age', days })
  const at = now() - days * day
  const tokens = { ...(await place.tokensOnZ2('truelayer')), full_auth_at: at }
  const path = `.lab/z2${dataFolder}/tokens_truelayer.json`
  // Into the same file, so that its owner and mode stay.
  await place.project.ssh(`cat > ${path}`, `${JSON.stringify(tokens, null, 2)}\n`)
  const record = await place.record('truelayer')
  if (record === null) return
  const changed = { ...record, loggedInAt: at, committedAt: at + 20, consentEnd: at + 90 * day }
  await place.writeZ2('/var/lib/bulma-infra/truelayer.json', `${JSON.stringify(changed)}\n`)
}

describe.each(['without', 'with'])('TrueLayer, %s a record of the last login', (which) => {
  it('85 days are not too many: nothing is asked for and a login is refused', async () => {
    await aged(84)
    await place.poll('truelayer')
    expect(await place.doctor('truelayer')).toMatchObject({ verdict: 'healthy', exitCode: 0 })
    const person = place.person('reauth', 'truelayer')
    expect(await person.end(), person.shown).toBe(1)
    expect(person.shown).toContain('error: a TrueLayer login is not what is needed')
  })

  it('86 days are: the doctor says how long is left, and the login costs no outage', async () => {
    expect((await place.record('truelayer')) !== null).toBe(which === 'with')
    await aged(86)
    await place.order({ bank: 'truelayer', do: 'expireAccess' })
    await place.poll('truelayer')
    const ending = await place.doctor('truelayer')
    expect(ending).toMatchObject({
      verdict: 'consent-ending',
      exitCode: 4,
      next: 'npm run reauth -- truelayer --stack lab',
    })
    expect(`${ending.what} ${ending.why}`).toMatch(/86 days|4 days|day 85|ends/)
    expect((await place.project.preview()).code).toBe(7)

    const old = await place.refreshOnZ2('truelayer')
    const person = place.person('reauth', 'truelayer')
    const url = await person.address()
    // Polls run fine meanwhile, and one of them rotates the chain that is about to be replaced.
    await place.order({ bank: 'truelayer', do: 'expireAccess' })
    await place.poll('truelayer')
    expect(await place.refreshOnZ2('truelayer')).not.toBe(old)
    const page = logsIn(url)
    if (which === 'without') await person.answers(/is NatWest, accounts ending .* the right one\?/, 'yes')
    expect(await page).toBe('truelayer login finished')
    expect(await person.end(), person.shown).toBe(0)
    if (which === 'with') expect(person.shown).toMatch(/✓ same accounts as before: NatWest/)

    const tokens = await place.tokensOnZ2('truelayer')
    expect(Math.abs(Number(tokens.full_auth_at) - now())).toBeLessThan(120)
    const record = await place.record('truelayer')
    expect(record?.refresh).toBe(fingerprint(String(tokens.refresh_token)))
    expect(Math.abs((record?.consentEnd ?? 0) - now() - 90 * day)).toBeLessThan(300)
    const healthy = await place.doctor('truelayer')
    expect(healthy).toMatchObject({ verdict: 'healthy', exitCode: 0 })
    expect(healthy.what).toMatch(/full login (today|0 days ago|just now).*85 left|less than a day|0 days/)
    expect((await place.project.preview()).code).toBe(0)
    expect(await place.atRest('truelayer')).toEqual({ timer: true, switch: '', staged: '', lease: null })
  })
})

describe('Monzo that has fallen silent though its timer runs', () => {
  const question =
    /have you looked at the service, and transactions that you know of still do not arrive\? type yes/

  it('asks whether somebody looked, and no is the default', async () => {
    await place.project.lab('break', 'poll-stalled-monzo')
    expect(await place.doctor('monzo')).toMatchObject({ verdict: 'stalled', exitCode: 4 })
    const before = await place.state()
    const person = place.person('reauth', 'monzo')
    await person.answers(question, 'no')
    expect(await person.end()).toBe(4)
    const piped = await place.run('reauth', 'monzo', ...place.way('monzo'))
    expect([piped.code, piped.err]).toEqual([4, expect.stringContaining('this is not a terminal')])
    place.sameState(before, await place.state())
  })

  it('is logged in again after that, and is healthy', async () => {
    const person = place.person('reauth', 'monzo')
    await person.answers(question, 'yes')
    const url = await person.address()
    // While a fault is planted, a timer polls nothing, and the login's own poll may be the one that its timer catches up on.
    await place.project.lab('mend')
    await place.knob('monzo', { approve: 500 })
    const page = logsIn(url)
    await person.answers(/the right one\? type yes/, 'yes')
    expect(await page).toBe('monzo login finished')
    expect(await person.end(), person.shown).toBe(0)
    expect(await place.isLive('monzo')).toBe(true)
  })
})
