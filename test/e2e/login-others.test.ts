import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, LoginPlace, loginPlace } from './login-place.ts'
import { logsIn, type Person } from './person.ts'
import { newProject } from './project.ts'
import { inTurn } from './turn.ts'

// Nobody is alone: a second terminal, a second Mac, `up` and the pollers themselves, all while somebody logs in.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const question = /the right one\? type yes/
const rest = { timer: true, switch: '', staged: '', lease: null }

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace({ recorded: true, limits: { leaseSeconds: 30, switchSeconds: 60 } })
  for (const bank of banks) await place.logsIn(bank)
})
beforeEach(async () => {
  for (const bank of banks) {
    place.forgets(bank)
    await place.knob(bank, { trouble: [] })
  }
  await place.knob('monzo', { approve: 500 })
})
afterAll(() => place.end())

const begin = (of: LoginPlace, bank: Bank): Person => of.person('reauth', bank, '--anyway', '--yes')

async function healthy(bank: Bank): Promise<void> {
  expect(await place.isLive(bank)).toBe(true)
  expect(await place.atRest(bank)).toEqual(rest)
  expect(await place.doctor(bank)).toMatchObject({ verdict: 'healthy', exitCode: 0 })
}

/** A login that stands at the question whose account it is: the timer is stopped for it. */
async function standing(bank: Bank): Promise<Person> {
  await place.project.ssh(`rm -f .lab/z2/var/lib/bulma-infra/${bank}.json`)
  const person = begin(place, bank)
  void logsIn(await person.address()).catch(() => undefined)
  await person.sees(question)
  return person
}

describe('a second terminal on the same Mac', () => {
  it.each(inTurn(banks))('%s: is told who is at it, and disturbs nothing', async (bank) => {
    const first = begin(place, bank)
    const url = await first.address()
    const others = [
      await place.run('reauth', bank, '--anyway', '--yes', ...place.way(bank)),
      await place.run('reauth', bank, '--force', ...place.way(bank)),
      await place.run('push', bank),
    ]
    expect(others.map(({ code }) => code).filter((code) => code === 0 || code === null)).toEqual([])
    for (const { err } of others.slice(0, 2)) {
      expect(err).toMatch(/login is under way already|somebody is logging in already/)
      expect(err).toMatch(/since \d\d:\d\d/)
    }
    expect((await place.run('verify', bank)).code).not.toBe(1)
    expect(await logsIn(url)).toBe(`${bank} login finished`)
    expect(await first.end(), first.shown).toBe(0)
    await healthy(bank)
  })

  it('may log in at the other bank on its own port at the same time', async () => {
    const [one, two] = [begin(place, 'monzo'), place.elsewhere('truelayer', {}, '--anyway', '--yes')]
    const urls = [await one.address(), await (await two).address()]
    const pages = await Promise.all(urls.map((url) => logsIn(url)))
    expect(pages).toEqual(['monzo login finished', 'truelayer login finished'])
    expect(await one.end(), one.shown).toBe(0)
    expect(await (await two).end(), (await two).shown).toBe(0)
    for (const bank of banks) await healthy(bank)
  })

  it('may not log in twice at one port', async () => {
    const one = begin(place, 'monzo')
    await one.address()
    const two = await place.run('reauth', 'truelayer', '--anyway', '--yes', ...place.way('truelayer'))
    expect(two.code, two.err).toBe(1)
    expect(two.err).toMatch(/another npm run reauth holds it, pid \d+: a login is under way there/)
    expect(two.err).not.toContain('--port')
    one.interrupts()
    await one.end()
  })
})

describe('up, drift and doctor while a login has stopped the timer', () => {
  it.each(inTurn(banks, 1))('%s: leave it alone and say by whom', async (bank) => {
    const person = await standing(bank)
    expect(await place.timerIsActive(bank)).toBe(false)
    const { json } = await place.project.drift()
    const timer = json.findings.find(({ id }) => id === `ct109/timer/bulma-poll-${bank}.timer`)
    expect(timer).toMatchObject({
      state: 'needs-person',
      seen: expect.stringMatching(/reauth by \S+ since \d\d:\d\d/),
    })
    // On this very Mac the login lies in the journal already, and that beats the lease; both say to wait.
    expect(await place.doctor(bank)).toMatchObject({
      verdict: 'not-pushed',
      next: expect.stringMatching(/^wait until it has ended/),
      exitCode: 4,
    })
    const other: Bank = bank === 'monzo' ? 'truelayer' : 'monzo'
    await place.project.lab('break', `timer-disabled-${other}`)
    const up = await place.project.up()
    expect(up.mended).toEqual([`ct109/timer/bulma-poll-${other}.timer`])
    expect(up.out).toMatch(/reauth by \S+ since \d\d:\d\d/)
    expect(await place.timerIsActive(bank)).toBe(false)
    await place.project.lab('mend')
    person.types('yes')
    expect(await person.end(), person.shown).toBe(0)
    await healthy(bank)
    expect((await place.project.preview()).changed).toEqual([])
  })
})

describe('a poll that runs when the callback comes', () => {
  const service = (bank: Bank): string => `bulma-poll-${bank}.service`
  const logOf = (bank: Bank): string => `/mnt/data/hinata/data/bulma/poll-${bank}.log`
  /** 0 when no poll runs: systemd goes on naming the process of the last one. */
  const pid = async (bank: Bank): Promise<number> => {
    const { out } = await place.inside(`systemctl show ${service(bank)} -p ActiveState -p ExecMainPID`)
    return /ActiveState=(inactive|failed)/.test(out) ? 0 : Number(out.match(/ExecMainPID=(\d+)/)?.[1])
  }
  const started = async (bank: Bank, on: 'token' | 'data', ms: number): Promise<number> => {
    await place.knob(bank, { trouble: [{ how: 'slow', ms, on, times: 1 }] })
    await place.inside(`systemctl reset-failed ${service(bank)}`)
    await place.inside(`systemctl start --no-block ${service(bank)}`)
    await expect.poll(() => pid(bank), { timeout: 20_000 }).toBeGreaterThan(0)
    return pid(bank)
  }

  it.each(inTurn(banks))('%s: is waited for in the middle of its rotation, and never ended', async (bank) => {
    const person = begin(place, bank)
    const url = await person.address()
    const before = await place.refreshOnZ2(bank)
    await place.order({ bank, do: 'expireAccess' })
    const logged = (await place.onZ2(logOf(bank)))?.length ?? 0
    // The bank has rotated the chain; the poller does not have its answer yet.
    await started(bank, 'token', 9000)
    const page = logsIn(url)
    await person.sees(/a poll runs( since .*)?; waiting for its end/)
    expect(await place.refreshOnZ2(bank)).toBe(before)
    expect(await place.isLive(bank)).toBe(false)
    expect(await page).toBe(`${bank} login finished`)
    expect(await person.end(), person.shown).toBe(0)
    const log = (await place.onZ2(logOf(bank))) ?? ''
    // The poll that was waited for came to its own end, and ours after it, one more each time the approval is not there yet.
    const [theirs = '', ...ours] = log.slice(logged).split('tokens loaded').slice(1)
    expect(theirs).toMatch(/ refresh ok\n.* done\n/s)
    expect(ours.at(-1), log.slice(logged)).toMatch(/ done\n/)
    for (const one of ours) expect(one).toMatch(bank === 'monzo' ? / done\n| 403: / : / done\n/)
    expect(ours.join('')).not.toContain('refresh ok')
    await healthy(bank)
  })

  it.each(inTurn(banks, 1))(
    '%s: and never ends: nothing is exchanged, and it is not killed',
    async (bank) => {
      place.setLimits({ leaseSeconds: 30, switchSeconds: 60, idleSeconds: 6 })
      const refresh = await place.refreshOnZ2(bank)
      const person = begin(place, bank)
      const url = await person.address()
      const running = await started(bank, 'data', 28_000)
      expect(await logsIn(url)).toBe('nothing was exchanged')
      expect(await person.end(), person.shown).toBe(1)
      expect(person.shown).toMatch(
        /error: a poll runs for too long, so the login was given up\nwhy: +bulma-poll-\w+\.service runs since/,
      )
      expect(person.shown).toContain('nothing was exchanged; the chain on ct109 is untouched')
      expect(await pid(bank)).toBe(running)
      expect(await place.atRest(bank)).toEqual(rest)
      expect(await place.refreshOnZ2(bank)).toBe(refresh)
      expect(place.journal(bank)).toBe(null)
      await expect.poll(() => pid(bank), { timeout: 60_000 }).toBe(0)
      await healthy(bank)
      place.setLimits({ leaseSeconds: 30, switchSeconds: 60 })
    },
  )
})

/** Another Mac: a checkout of its own with a home of its own, which reaches the same Z2 and the same banks. */
async function anotherMac(): Promise<LoginPlace> {
  const project = await newProject()
  onTestFinished(async () => {
    await project.run('rm', ['-rf', join(project.dir, '.lab')])
    await project.end()
  })
  const mac = new LoginPlace(project, place.port)
  // Z2's side is where it is; the home is a copy.
  for (const name of ['Pulumi.lab.yaml'])
    writeFileSync(join(project.dir, name), readFileSync(join(place.project.dir, name)))
  await project.run('mkdir', ['.lab'])
  for (const name of ['ssh_config', 'known_hosts', 'keys', 'endpoints.json', 'bank.json', 'checkout'])
    if (await place.project.run('test', ['-e', `.lab/${name}`]).then(({ code }) => code === 0))
      symlinkSync(join(place.project.dir, '.lab', name), join(project.dir, '.lab', name))
  cpSync(join(place.project.dir, '.lab/home'), join(project.dir, '.lab/home'), { recursive: true })
  return mac
}

const seat = { under: ['unshare', '--uts', 'sh', '-c', 'hostname other-mac && exec "$@"', 'sh'] }
const isRoot = process.getuid?.() === 0

describe.runIf(isRoot)('a second Mac', () => {
  it.each(inTurn(banks))(
    '%s: is told who logs in where, and finds things in order afterwards',
    async (bank) => {
      const mac = await anotherMac()
      const first = begin(place, bank)
      const url = await first.address()
      const second = mac.seated(seat, 'reauth', bank, '--anyway', '--yes')
      expect(await second.end(), second.shown).not.toBe(0)
      expect(second.shown).toMatch(/login is under way already|somebody is logging in already/)
      expect(second.shown).not.toContain('on this machine')
      expect(await logsIn(url)).toBe(`${bank} login finished`)
      expect(await first.end(), first.shown).toBe(0)
      expect((await mac.doctor(bank)).verdict).toBe('healthy')
      expect((await mac.run('push', bank)).code).toBe(1)
    },
  )

  it.each(inTurn(banks, 1))(
    '%s: takes over from one that vanished, whose login is then the older one',
    async (bank) => {
      place.setLimits({ leaseSeconds: 6, switchSeconds: 8 })
      const mac = await anotherMac()
      const first = await standing(bank)
      await first.kills()
      const waiting = mac.seated(seat, 'reauth', bank, '--anyway', '--yes')
      if ((await waiting.end()) === 0) throw new Error('it must not be taken over before its time')
      await expect.poll(() => place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)

      const second = mac.seated(seat, 'reauth', bank, '--anyway', '--yes')
      const page = logsIn(await second.address())
      await second.answers(question, 'yes')
      expect(await page).toBe(`${bank} login finished`)
      expect(await second.end(), second.shown).toBe(0)
      const refresh = await place.refreshOnZ2(bank)
      expect(await place.isLive(bank)).toBe(true)

      const resumed = place.person('reauth', bank, '--anyway', '--yes')
      expect(await resumed.end(), resumed.shown).toBe(1)
      expect(resumed.shown).toMatch(/error: the login on this Mac is older than the one on z2/)
      expect(await place.refreshOnZ2(bank)).toBe(refresh)
      expect(await place.isLive(bank)).toBe(true)
      expect((await place.run('push', bank)).code).toBe(1)
      expect(await place.atRest(bank)).toEqual(rest)

      const over = place.person('reauth', bank, '--new-login', '--anyway', '--yes')
      await over.answers(/give up the login of .*which never reached z2\? type give up/, 'give up')
      const next = logsIn(await over.address())
      expect(await next).toBe(`${bank} login finished`)
      expect(await over.end(), over.shown).toBe(0)
      await healthy(bank)
      place.setLimits({ leaseSeconds: 30, switchSeconds: 60 })
    },
  )

  it.each(inTurn(banks))(
    '%s: takes over from one that slept, which then cannot push over it',
    async (bank) => {
      place.setLimits({ leaseSeconds: 6, switchSeconds: 8 })
      const mac = await anotherMac()
      const first = await standing(bank)
      first.signals('SIGSTOP')
      await expect.poll(() => place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)
      await expect
        .poll(async () => (await mac.doctor(bank)).verdict, { timeout: 30_000 })
        .not.toBe('reauth-running')
      const second = await mac.elsewhere(bank, seat, '--anyway', '--yes')
      const page = logsIn(await second.address())
      await second.answers(question, 'yes')
      expect(await page).toBe(`${bank} login finished`)
      expect(await second.end(), second.shown).toBe(0)
      const refresh = await place.refreshOnZ2(bank)
      const record = await place.record(bank)

      first.signals('SIGCONT')
      first.types('yes')
      expect(await first.end(), first.shown).not.toBe(0)
      expect(first.shown).toMatch(
        /has taken over|is older than the one on z2|another login holds the lease|that was another/,
      )
      expect(await place.refreshOnZ2(bank)).toBe(refresh)
      expect(await place.record(bank)).toEqual(record)
      expect(await place.isLive(bank)).toBe(true)
      expect(await place.atRest(bank)).toEqual(rest)
      // Its own Mac still holds the older login, and its doctor says so; the other one's has nothing to say.
      expect((await mac.doctor(bank)).verdict).toBe('healthy')
      place.forgets(bank)
      place.setLimits({ leaseSeconds: 30, switchSeconds: 60 })
    },
  )
})
