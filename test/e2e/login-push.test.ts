import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, dataFolder, type LoginPlace, loginPlace } from './login-place.ts'

// `npm run push` and `npm run verify` on their own: a token file of the old scripts, one that Z2 has already, one that CT109
// has rotated since, one that is older. Which is newer is decided by ids and fingerprints, and else by a person.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace()
})
beforeEach(async () => {
  for (const bank of banks) place.forgets(bank)
  await place.knob('monzo', { approve: 500 })
})
afterEach(() => place.project.lab('mend'))
afterAll(() => place.end())

const rest = { timer: true, switch: '', staged: '', lease: null }
const question = /is tokens_\w+\.json on this Mac from your last login at the bank\? type yes/

/** A token file as the old scripts left it: from a login without a journal. */
async function oldScript(bank: Bank): Promise<string> {
  const file = await place.order({ bank, do: 'login', terms: { approved: true } })
  const text = `${JSON.stringify(file, null, 2)}\n`
  place.writeMac(bank, `tokens_${bank}.json`, text)
  return (file as { refresh_token: string }).refresh_token
}

async function healthy(bank: Bank): Promise<void> {
  expect(await place.isLive(bank)).toBe(true)
  expect(await place.atRest(bank)).toEqual(rest)
  expect(place.journal(bank)).toBe(null)
  expect(place.hasMac(bank, `tokens_${bank}.json`)).toBe(false)
  expect(place.hasMac(bank, `${bank}_credentials.json`)).toBe(true)
  expect(await place.doctor(bank)).toMatchObject({ verdict: 'healthy', exitCode: 0 })
}

describe('a token file that the old scripts left', () => {
  it.each(banks)('%s: is pushed only when a person says that it is from the last login', async (bank) => {
    const refresh = await oldScript(bank)
    const before = await place.state()
    const piped = await place.run('push', bank, '--yes')
    expect([piped.code, piped.err]).toEqual([4, expect.stringContaining('this is not a terminal')])
    const no = place.person('push', bank)
    await no.answers(question, 'no')
    expect(await no.end(), no.shown).toBe(4)
    expect(no.shown).toContain('nothing was pushed')
    place.sameState(before, await place.state())

    const yes = place.person('push', bank)
    await yes.answers(question, 'yes')
    expect(await yes.end(), yes.shown).toBe(0)
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    await healthy(bank)
  })

  it.each(banks)('%s: is pushed the same way after the chain on ct109 has died', async (bank) => {
    await place.dies(bank)
    const refresh = await oldScript(bank)
    const yes = place.person('push', bank)
    await yes.answers(question, 'yes')
    expect(await yes.end(), yes.shown).toBe(0)
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    await healthy(bank)
  })

  it.each(banks)('%s: that is dead is found out by the poll, and kept', async (bank) => {
    const before = await place.refreshOnZ2(bank)
    place.writeMac(
      bank,
      `tokens_${bank}.json`,
      JSON.stringify({
        access_token: 'simulated-access-token-of-last-year',
        refresh_token: 'simulated-refresh-token-of-last-year',
        expires_at: 1,
      }),
    )
    const push = place.person('push', bank)
    await push.answers(question, 'yes')
    expect(await push.end(), push.shown).toBe(1)
    expect(push.shown).toMatch(/error: the poll with the new tokens says that they are dead/)
    expect(place.hasMac(bank, `tokens_${bank}.json`)).toBe(true)
    expect(await place.timerIsActive(bank)).toBe(true)
    expect(await place.refreshOnZ2(bank)).not.toBe(before)
    place.forgets(bank)
    await place.logsIn(bank, '--force')
  })
})

describe('a token file that z2 had', () => {
  it.each(banks)('%s: and still has: nothing is pushed, a poll proves it, the copy goes', async (bank) => {
    await place.logsIn(bank)
    const text = (await place.onZ2(`${dataFolder}/tokens_${bank}.json`)) ?? ''
    place.writeMac(bank, `tokens_${bank}.json`, text)
    const push = await place.run('push', bank)
    expect(push.code, push.err).toBe(0)
    expect(push.err).toContain('z2 has had this login already, so it is not pushed again')
    expect(await place.onZ2(`${dataFolder}/tokens_${bank}.json`)).toBe(text)
    await healthy(bank)
  })

  it.each(banks)('%s: and ct109 has rotated since: the dead copy is never pushed, and goes', async (bank) => {
    await place.logsIn(bank)
    const text = (await place.onZ2(`${dataFolder}/tokens_${bank}.json`)) ?? ''
    await place.order({ bank, do: 'expireAccess' })
    await place.poll(bank)
    const rotated = await place.refreshOnZ2(bank)
    place.writeMac(bank, `tokens_${bank}.json`, text)
    const push = await place.run('push', bank)
    expect(push.code, push.err).toBe(0)
    expect(push.err).toContain('z2 has had this login already, so it is not pushed again')
    expect(await place.refreshOnZ2(bank)).toBe(rotated)
    await healthy(bank)
  })

  it.each(banks)('%s: goes by verify too, once the last poll was good', async (bank) => {
    await place.logsIn(bank)
    place.writeMac(bank, `tokens_${bank}.json`, (await place.onZ2(`${dataFolder}/tokens_${bank}.json`)) ?? '')
    const { code, out, err } = await place.run('verify', bank)
    expect([code, err]).toEqual([0, expect.stringContaining(`Mac copy of tokens_${bank}.json deleted`)])
    expect(out).toMatch(new RegExp(`^poll-${bank}.log on ct109, masked$`, 'm'))
    await healthy(bank)
  })
})

describe('a login that is older than the record', () => {
  it.each(banks)('%s: is never pushed, and given up only by a typed word', async (bank) => {
    await place.logsIn(bank)
    const record = await place.record(bank)
    const refresh = await place.refreshOnZ2(bank)
    const at = new Date(Date.now() - 3_600_000).toISOString()
    await oldScript(bank)
    // Monzo's newer login ended the one on Z2 in this made-up past; the record does not know that.
    const journal = {
      version: 1,
      bank,
      login: (record?.login ?? 2) - 1,
      step: 'account-ok',
      startedAt: at,
      changedAt: at,
      refresh: '0011223344556677',
      account: record?.account ?? [],
      consentEnd: null,
      before: '7766554433221100',
    }
    place.writeMac(bank, `.reauth/${bank}.json`, `${JSON.stringify(journal)}\n`)
    for (const command of ['push', 'reauth', 'verify'] as const) {
      const { code, err } = await place.run(command, bank)
      expect([command, code, err]).toEqual([
        command,
        1,
        expect.stringContaining('is older than the one on z2'),
      ])
      expect(err).toContain('nothing was pushed')
    }
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    expect(await place.record(bank)).toEqual(record)
    expect(await place.atRest(bank)).toEqual(rest)
    const piped = await place.run('reauth', bank, '--new-login', '--anyway', '--yes', ...place.way(bank))
    expect([piped.code, piped.err]).toEqual([4, expect.stringContaining('the unfinished login was kept')])
    const wrong = place.person('reauth', bank, '--new-login')
    await wrong.answers(/type give up to go on/, 'yes')
    expect(await wrong.end(), wrong.shown).toBe(4)
    expect(place.journal(bank)?.step).toBe('account-ok')
    place.forgets(bank)
    await place.logsIn(bank)
    await healthy(bank)
  })
})

describe('with nothing to bring', () => {
  it.each(banks)('%s: push says so', async (bank) => {
    const before = await place.state()
    const { code, err } = await place.run('push', bank)
    expect([code, err]).toEqual([1, expect.stringContaining('error: there is nothing to push')])
    place.sameState(before, await place.state())
  })

  it.each([
    ['no JSON at all', 'holds no refresh token'],
    ['{}', 'holds no refresh token'],
    ['{"refresh_token": ""}', 'holds no refresh token'],
  ])('a file with %s is no login', async (text, why) => {
    place.writeMac('truelayer', 'tokens_truelayer.json', text)
    const before = await place.state()
    const { code, err } = await place.run('push', 'truelayer')
    expect([code, err]).toEqual([1, expect.stringContaining(why)])
    place.sameState(before, await place.state())
  })
})

describe('npm run verify', () => {
  it.each(banks)('%s: healthy: the masked tail, and what it means', async (bank) => {
    await place.poll(bank)
    const { code, out } = await place.run('verify', bank)
    expect(code).toBe(0)
    const [first = '', ...lines] = out.split('\n')
    expect(first).toBe(`poll-${bank}.log on ct109, masked`)
    const log = ((await place.onZ2(`${dataFolder}/poll-${bank}.log`)) ?? '').trimEnd().split('\n').slice(-15)
    expect(lines.slice(0, log.length).map((line) => line.trim().length > 0)).toEqual(log.map(() => true))
    expect(out).toMatch(new RegExp(`^${bank}: healthy: last poll`, 'm'))
    expect(out).not.toMatch(/[A-Za-z0-9+/=_-]{40,}/)
  })

  it.each([
    ['timer-stopped', 2, /timer stopped/, /npm run up/],
    ['poll-failed', 2, /poll failed/, /npm run up/],
    ['token-absent', 4, /tokens missing/, /npm run reauth -- /],
  ] as const)('%s: exit %i, the verdict and the next command', async (fault, code, verdict, next) => {
    for (const bank of banks) {
      await place.project.lab('break', `${fault}-${bank}`)
      const verify = await place.run('verify', bank)
      expect([verify.code, verify.out]).toEqual([code, expect.stringMatching(verdict)])
      expect(verify.out).toMatch(next)
      await place.project.lab('mend')
    }
  })

  it.each(banks)('%s: a dead token: exit 4, and a login is the next thing', async (bank) => {
    await place.dies(bank)
    const { code, out } = await place.run('verify', bank)
    expect([code, out]).toEqual([4, expect.stringMatching(/refresh dead/)])
    expect(out).toContain(`next: npm run reauth -- ${bank} --stack lab`)
    expect(out).toMatch(bank === 'monzo' ? /Bad refresh token/ : /invalid_grant/)
    await place.heals(bank)
  })

  it('with z2 out of reach: exit 3', async () => {
    await place.project.lab('break', 'port-refused')
    const { code, err } = await place.run('verify', 'monzo')
    expect([code, err]).toEqual([3, expect.stringContaining('Connection refused')])
  })

  it.each(banks)('%s: leaves a token file alone that z2 never had', async (bank) => {
    await place.logsIn(bank)
    place.writeMac(
      bank,
      `tokens_${bank}.json`,
      '{"refresh_token":"simulated-refresh-token-unknown","access_token":"x"}',
    )
    const { code, err } = await place.run('verify', bank)
    expect(code).toBe(0)
    expect(err).toContain('nothing shows that z2 ever had it; it was left alone')
    expect(readFileSync(place.mac(bank, `tokens_${bank}.json`), 'utf8')).toContain('unknown')
    expect(statSync(place.mac(bank, `tokens_${bank}.json`)).mode & 0o777).toBe(0o600)
  })
})
