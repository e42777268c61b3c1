import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Me, Order, Sight } from '../../../lib/login/order.ts'
import { parseTimespan } from '../../../lib/systemd-unit.ts'
import { newChain, Z2Place } from './place.ts'

// The dead-man's switch and the poll timer that it stands in for.

let z2: Z2Place
let me: Me
const build = async (bank: 'monzo' | 'truelayer' = 'monzo'): Promise<void> => {
  z2 = new Z2Place(bank)
  const { holder, pid, login } = await z2.take()
  me = { holder, pid, login }
}
beforeEach(() => build())
afterEach(() => z2.end())

const stop = (changes: Partial<Extract<Order, { do: 'stop' }>> = {}) =>
  z2.ask({ do: 'stop', me, switchSeconds: 600, waitSeconds: 1, ...changes })
const see = async (): Promise<Sight> => {
  const reply = await z2.ask({ do: 'see' })
  if (!('token' in reply)) throw new Error(reply.why)
  return reply
}
const show = async (...words: string[]): Promise<string> =>
  (await z2.shell(`systemctl show bulma-reauth-${z2.bank}.timer -p ${words.join(' -p ')}`)).out
const inside = (command: string): Promise<{ out: string }> => z2.shell(`pct exec 109 -- ${command}`)
/** The moment of the switch has come. */
const fire = async (): Promise<void> => {
  await z2.shell(`${join(z2.place.bin, 'lib/elapse')} z2 bulma-reauth-${z2.bank}.timer`)
}
/** until the switch fires, by the clock that it goes by */
const seconds = async (): Promise<number> => {
  const [, next = ''] = /NextElapseUSecMonotonic=(.*)/.exec(await show('NextElapseUSecMonotonic')) ?? []
  return ((parseTimespan(next) ?? Number.NaN) - Number(process.hrtime.bigint() / 1_000_000n)) / 1000
}

describe('stop', () => {
  it('arms the switch, stops the timer, and tells which chain is there', async () => {
    const before = (await see()).token.fingerprint
    expect(await stop()).toEqual({ state: 'idle', refresh: before })
    const { timer, switchArmed } = await see()
    expect([timer.active, timer.unitFile, switchArmed]).toEqual(['inactive', 'enabled', true])
    expect((await z2.shell('systemctl cat bulma-reauth-monzo.timer')).out).toContain(
      'StartLimitIntervalSec=0',
    )
    const unit = (await z2.shell('systemctl cat bulma-reauth-monzo.timer bulma-reauth-monzo.service')).out
    for (const line of [
      'OnActiveSec=10min',
      'AccuracySec=1s',
      'Restart=on-failure',
      'RestartSec=30s',
      'StartLimitIntervalSec=0',
      'CollectMode=inactive-or-failed',
    ])
      expect(unit).toContain(line)
  })

  it('arms the switch before it touches the timer: where that fails, the timer runs on', async () => {
    rmSync(join(z2.place.bin, 'z2/systemd-run'))
    expect(await stop()).toMatchObject({ state: 'failed', says: expect.stringContaining('systemd-run') })
    expect((await see()).timer.active).toBe('active')
  })

  it('asked again it winds the switch up anew, with other seconds too', async () => {
    await stop({ switchSeconds: 100 })
    const id = await show('InvocationID')
    await new Promise((done) => setTimeout(done, 1200))
    await stop({ switchSeconds: 100 })
    expect(await seconds()).toBeGreaterThan(99)
    expect(await show('InvocationID')).not.toBe(id)
    await stop({ switchSeconds: 3600 })
    expect(await seconds()).toBeGreaterThan(3500)
    expect(
      (await z2.shell('systemctl list-timers --all --no-legend')).out.match(/bulma-reauth/g),
    ).toHaveLength(2)
  })

  it('waits for a poll that runs and never ends it', async () => {
    z2.world.run('ct109', 'bulma-poll-monzo.service', 30)
    expect(await stop()).toEqual({
      state: 'busy',
      unit: 'bulma-poll-monzo.service',
      since: expect.stringMatching(/^\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    })
    expect((await see()).service.active).toBe('activating')
    expect((await see()).timer.active).toBe('inactive')
  })

  it('is done as soon as the poll has ended', async () => {
    z2.world.run('ct109', 'bulma-poll-monzo.service', 2)
    const began = performance.now()
    expect(await stop({ waitSeconds: 9 })).toMatchObject({ state: 'idle' })
    expect(performance.now() - began).toBeLessThan(6000)
  })

  it('takes a failed poll for idle', async () => {
    z2.world.bank('monzo', 'dead')
    await inside('systemctl start bulma-poll-monzo.service')
    expect(await stop()).toMatchObject({ state: 'idle' })
  })

  it('says why where there is no timer, no container, or another one', async () => {
    await inside(
      'sh -c "systemctl stop bulma-poll-monzo.timer; rm .lab/ct109/etc/systemd/system/bulma-poll-monzo.timer .lab/ct109/etc/systemd/system/timers.target.wants/bulma-poll-monzo.timer; systemctl daemon-reload"',
    )
    expect(await stop()).toEqual({ state: 'failed', says: expect.stringMatching(/not loaded/) })
    z2.world.pct('stop', '109')
    expect(await stop()).toEqual({ state: 'failed', says: "container '109' not running!" })
    z2.world.pct('set', '109', '-hostname', 'web')
    expect(await stop()).toEqual({ state: 'failed', says: 'container 109 is not bulma-finance' })
  })

  it('a pct that hangs is given up in time', async () => {
    z2.world.turn('pct-hangs', true)
    const began = performance.now()
    expect(await stop({ waitSeconds: 9 })).toEqual({
      state: 'failed',
      says: 'pct exec did not answer in time',
    })
    expect(performance.now() - began).toBeLessThan(22_000)
  })

  it('a link in the place of the tokens is told, with the switch armed', async () => {
    rmSync(z2.path(z2.tokenPath()))
    z2.world.link('z2', z2.tokenPath(), '/etc/passwd')
    expect(await stop()).toMatchObject({
      state: 'failed',
      says: expect.stringContaining('tokens_monzo.json'),
    })
    expect((await see()).switchArmed).toBe(true)
  })
})

describe('renew', () => {
  it('winds an armed switch up, together with the lease', async () => {
    await stop({ switchSeconds: 100 })
    await new Promise((done) => setTimeout(done, 1200))
    expect(await z2.ask({ do: 'renew', me, seconds: 90, switchSeconds: 100 })).toMatchObject({
      mine: true,
      armed: true,
    })
    expect(await seconds()).toBeGreaterThan(99)
  })

  it('never takes the armed one away for it: whatever becomes of us, one is armed', async () => {
    await stop()
    rmSync(join(z2.place.bin, 'z2/systemd-run'))
    expect(await z2.ask({ do: 'renew', me, seconds: 90, switchSeconds: 600 })).toMatchObject({ armed: true })
    expect(await stop()).toMatchObject({ state: 'idle' })
    expect((await see()).switchArmed).toBe(true)
  })

  it('arms none that was not armed, and none that has fired', async () => {
    const renew = { do: 'renew', me, seconds: 90, switchSeconds: 600 } as const
    expect(await z2.ask(renew)).toMatchObject({ mine: true, armed: false })
    expect((await see()).switchArmed).toBe(false)
    await stop()
    await fire()
    expect(await z2.ask(renew)).toMatchObject({ mine: true, armed: false })
    expect((await see()).switchArmed).toBe(false)
  })

  it('leaves the switch alone when it is not asked to renew it', async () => {
    await stop({ switchSeconds: 100 })
    const id = await show('InvocationID')
    expect(await z2.ask({ do: 'renew', me, seconds: 90, switchSeconds: null })).toMatchObject({ armed: true })
    expect(await show('InvocationID')).toBe(id)
  })
})

describe('when the switch fires', () => {
  it('the poll timer runs again, and what was staged is gone', async () => {
    await stop()
    newChain(z2, { me, before: null })
    z2.write(`${z2.staging}/truelayer.tokens`, 'of the other bank')
    await fire()
    const { timer, switchArmed } = await see()
    expect([timer.active, timer.next, switchArmed]).toEqual(['active', true, false])
    expect(z2.read(`${z2.staging}/monzo.tokens`)).toBeNull()
    expect(z2.read(`${z2.staging}/monzo.credentials`)).toBeNull()
    expect(z2.read(`${z2.staging}/truelayer.tokens`)).toBe('of the other bank')
  })

  it('a commit says so and renames nothing; stop arms a new one', async () => {
    const reply = await stop()
    if (reply.state !== 'idle') throw new Error(reply.state)
    const { order, tokens } = newChain(z2, { me, before: reply.refresh })
    const old = z2.read(z2.tokenPath())
    await fire()
    z2.stage('tokens', tokens)
    expect(await z2.ask(order)).toMatchObject({ done: false, no: 'switch' })
    expect(z2.read(z2.tokenPath())).toBe(old)
    await stop()
    expect(await z2.ask({ ...order, files: order.files.slice(0, 1) })).toMatchObject({ done: true })
  })

  it('it is tried again where the container is stopped, and stays away from another container', async () => {
    await stop()
    z2.world.pct('stop', '109')
    await fire()
    const service = 'systemctl show bulma-reauth-monzo.service -p SubState'
    expect((await z2.shell(service)).out).toBe('SubState=auto-restart\n')
    z2.world.pct('start', '109')
    await inside('systemctl stop bulma-poll-monzo.timer')
    z2.world.pct('set', '109', '-hostname', 'web')
    const count = async (): Promise<string> => (await z2.shell('wc -c <.lab/count/pct-exec')).out
    const before = await count()
    await z2.shell(`${join(z2.place.bin, 'lib/elapse')} z2 bulma-reauth-monzo.service`)
    expect((await z2.shell(service)).out).toBe('SubState=auto-restart\n')
    expect(await count()).toBe(before)
    z2.world.pct('set', '109', '-hostname', 'bulma-finance')
    await z2.shell(`${join(z2.place.bin, 'lib/elapse')} z2 bulma-reauth-monzo.service`)
    expect((await see()).timer.active).toBe('active')
    expect((await z2.shell(service)).out).toBe('SubState=dead\n')
  })

  it('it leaves what tells whether a commit came to pass', async () => {
    const reply = await stop()
    if (reply.state !== 'idle') throw new Error(reply.state)
    z2.write('/var/lib/bulma-infra/monzo.json.new', 'a commit that was cut short')
    z2.write(`${z2.staging}/monzo.tokens.new`, 'its token file')
    await fire()
    expect(z2.read(`${z2.staging}/monzo.tokens.new`)).toBe('its token file')
    await z2.take()
    expect(z2.read(`${z2.staging}/monzo.tokens.new`)).toBeNull()
    expect(z2.read('/var/lib/bulma-infra/monzo.json.new')).toBeNull()
  })

  it('it waits for an order that is under way', async () => {
    await stop()
    const held = z2.shell('flock -o .lab/z2/run/lock/bulma-monzo sleep 2')
    await new Promise((done) => setTimeout(done, 300))
    const began = performance.now()
    await fire()
    expect(performance.now() - began).toBeGreaterThan(1200)
    expect((await see()).timer.active).toBe('active')
    await held
  })
})

describe('start', () => {
  it('starts the timer and takes the switch away', async () => {
    await stop()
    expect(await z2.ask({ do: 'start', me })).toEqual({ started: true, next: true, says: '' })
    const { timer, switchArmed } = await see()
    expect([timer.active, switchArmed]).toEqual(['active', false])
  })

  it('leaves the switch armed when the timer has nothing to elapse for', async () => {
    await stop()
    z2.world.write(
      'ct109',
      '/etc/systemd/system/bulma-poll-monzo.timer',
      '[Unit]\nDescription=t\n\n[Timer]\nOnCalendar=2020-01-01\n\n[Install]\nWantedBy=timers.target\n',
    )
    z2.world.systemctl('ct109', 'daemon-reload')
    expect(await z2.ask({ do: 'start', me })).toMatchObject({
      next: false,
      says: expect.stringContaining('no next run'),
    })
    expect((await see()).switchArmed).toBe(true)
  })

  it('says why it could not, and leaves the switch', async () => {
    await stop()
    z2.world.pct('stop', '109')
    expect(await z2.ask({ do: 'start', me })).toEqual({
      started: false,
      next: false,
      says: "container '109' not running!",
    })
    expect((await see()).switchArmed).toBe(true)
  })
})

describe('release', () => {
  it('takes the switch away when the timer runs', async () => {
    await stop()
    await inside('systemctl start bulma-poll-monzo.timer')
    expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
    expect((await see()).switchArmed).toBe(false)
  })

  it('leaves it when the timer is stopped, or nobody can say', async () => {
    await stop()
    expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
    const { switchArmed, lease } = await see()
    expect([switchArmed, lease]).toEqual([true, null])
    const { holder, pid, login } = await z2.take()
    z2.world.pct('stop', '109')
    expect(await z2.ask({ do: 'release', me: { holder, pid, login } })).toEqual({ released: true })
    expect((await see()).switchArmed).toBe(true)
  })
})
