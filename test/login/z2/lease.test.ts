import { linkSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Order } from '../../../lib/login/order.ts'
import { callsOf, mishap, newChain, Z2Place } from './place.ts'

let z2: Z2Place
beforeEach(() => {
  z2 = new Z2Place('monzo')
})
afterEach(() => z2.end())

const seconds = 90
const order = (changes: Partial<Extract<Order, { do: 'take' }>> = {}): Extract<Order, { do: 'take' }> => ({
  do: 'take',
  holder: 'nnamdi@mac',
  pid: 4242,
  login: null,
  seconds,
  ...changes,
})
const other = { holder: 'nnamdi@laptop', pid: 7 }
const onDisk = () => JSON.parse(z2.read(z2.leasePath()) ?? 'null')
const setLease = (changes: object): void =>
  z2.write(z2.leasePath(), `${JSON.stringify({ ...onDisk(), ...changes })}\n`)
const now = (): number => Math.floor(Date.now() / 1000)

describe('taking the lease of a bank', () => {
  it('makes the folders, hands out id 1 and says until when', async () => {
    const { deadline, since, ...me } = await z2.take()
    expect(me).toEqual({ holder: 'nnamdi@mac', pid: 4242, login: 1 })
    expect(deadline - since).toBe(seconds)
    expect(Math.abs(since - now())).toBeLessThan(10)
    expect(onDisk()).toEqual({ ...me, since, deadline })
    expect(z2.read('/var/lib/bulma-infra/monzo.login')).toBe('1\n')
    const modes = await z2.shell(
      `cd .lab/z2 && stat -c '%a %n' run/bulma-infra run/bulma-infra/* var/lib/bulma-infra var/lib/bulma-infra/* mnt/data/hinata/data/.bulma-infra-staging`,
    )
    expect(modes.out.split('\n').filter(Boolean)).toEqual([
      '755 run/bulma-infra',
      '600 run/bulma-infra/monzo.lease',
      '700 var/lib/bulma-infra',
      '600 var/lib/bulma-infra/monzo.login',
      '700 mnt/data/hinata/data/.bulma-infra-staging',
    ])
  })

  it('is refused to everybody else while it lasts, and they are told whose it is', async () => {
    const lease = await z2.take()
    expect(await z2.ask(order(other))).toEqual({ taken: false, lease, now: expect.any(Number) })
    expect(await z2.ask(order({ pid: 4243 }))).toMatchObject({ taken: false, lease: { pid: 4242 } })
    expect(onDisk()).toEqual(lease)
  })

  it('is given to the next one when it has run out, with an id of its own', async () => {
    await z2.take()
    setLease({ deadline: now() - 1 })
    expect(await z2.take(other)).toMatchObject({ ...other, login: 2 })
  })

  it('is given to one who knows that the holder is dead, but not over anybody else', async () => {
    await z2.take()
    expect(await z2.ask(order({ ...other, over: { holder: 'nnamdi@mac', pid: 1 } }))).toMatchObject({
      taken: false,
    })
    expect(await z2.take({ ...other, over: { holder: 'nnamdi@mac', pid: 4242 } })).toMatchObject({
      ...other,
      login: 2,
    })
  })

  it('keeps the id of a login that is resumed, and no later login gets that id', async () => {
    expect(await z2.take({ login: 7 })).toMatchObject({ login: 7 })
    expect(await z2.take()).toMatchObject({ login: 8 })
    expect(await z2.take({ login: 7 })).toMatchObject({ login: 7 })
    expect(await z2.take()).toMatchObject({ login: 9 })
  })

  it('hands out an id above the record where the number of ids was lost', async () => {
    const stopped = await z2.stopped()
    await z2.ask(newChain(z2, stopped).order)
    rmSync(z2.path('/var/lib/bulma-infra/monzo.login'))
    expect(await z2.take()).toMatchObject({ login: 2 })
  })

  it('of two who ask at once one gets it, and of many takers of an old one as well', async () => {
    for (let round = 0; round < 5; round += 1) {
      const takers = Array.from({ length: 4 }, (_, pid) => z2.ask(order({ holder: `mac${pid}`, pid })))
      const replies = await Promise.all(takers)
      const won = replies.filter((reply) => 'taken' in reply && reply.taken)
      expect(won, JSON.stringify(replies)).toHaveLength(1)
      expect(onDisk()).toMatchObject({ login: round + 1 })
      setLease({ deadline: now() - 1 })
    }
  })

  it('is not kept for years by a clock that went back', async () => {
    await z2.take()
    setLease({ since: now() + 90_000_000, deadline: now() + 90_000_090 })
    expect(await z2.take(other)).toMatchObject({ ...other, login: 2 })
  })

  it('takes a name that no reader of a lease would take, and still knows its own', async () => {
    const holder = 'ñnamdi\u202e@mäc'
    const { login } = await z2.take({ holder })
    expect(onDisk().holder).toMatch(/^[ -~]+$/)
    const me = { holder, pid: 4242, login }
    expect(await z2.ask({ do: 'renew', me, seconds, switchSeconds: null })).toMatchObject({ mine: true })
  })

  it('sweeps what an earlier login has staged, and nothing of the other bank', async () => {
    await z2.take()
    for (const name of [
      'monzo.tokens',
      'monzo.credentials',
      'monzo.tokens.new',
      'monzo.try',
      'truelayer.tokens',
    ])
      z2.write(`${z2.staging}/${name}`, 'left')
    await z2.take()
    expect(readdirSync(z2.path(z2.staging))).toEqual(['truelayer.tokens'])
    expect(z2.read(`${z2.staging}/truelayer.tokens`)).toBe('left')
  })
})

describe('ids', () => {
  it('are on disk, file and folder, before the lease that carries them', async () => {
    const calls = await callsOf(z2, order())
    const at = (call: string): number => calls.indexOf(call)
    const state = '/var/lib/bulma-infra'
    const steps = [
      at(`sync ${state}/monzo.login.tmp`),
      at(`rename ${state}/monzo.login.tmp ${state}/monzo.login`),
      calls.lastIndexOf(`sync ${state}`),
      at('rename /run/bulma-infra/monzo.lease.tmp /run/bulma-infra/monzo.lease'),
    ]
    expect(steps).not.toContain(-1)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
  })

  it('are never handed out twice, wherever a taker is killed', async () => {
    const calls = await callsOf(z2, order())
    let highest = onDisk().login as number
    for (let at = 1; at <= calls.length; at += 1) {
      for (const how of ['after', 'half']) {
        setLease({ deadline: now() - 1 })
        await z2.run(order(other), mishap({ at, how }))
        const left = onDisk()
        const heard = left.holder === other.holder ? left.login : 0
        setLease({ deadline: now() - 1 })
        const { login } = await z2.take()
        expect(login, `${how} ${calls[at - 1]}`).toBeGreaterThan(Math.max(highest, heard))
        highest = login
      }
    }
  })
})

it('a lease is there as a whole or not at all, wherever its taker is killed', async () => {
  const calls = await callsOf(z2, order())
  for (const isFirst of [true, false]) {
    for (let at = 1; at <= calls.length; at += 1) {
      for (const how of ['after', 'half']) {
        if (isFirst) rmSync(z2.path(z2.leasePath()), { force: true })
        await z2.run(order(), mishap({ at, how }))
        expect(await z2.ask({ do: 'see' }), `${how} call ${at}`).toHaveProperty('lease')
      }
    }
    await z2.take()
  }
})

describe('a file of ours that is not ours', () => {
  it.each<[string, string, string]>([
    ['lease', '/run/bulma-infra/monzo.lease', '{"holder":"x"}'],
    ['lease', '/run/bulma-infra/monzo.lease', ''],
    ['record', '/var/lib/bulma-infra/monzo.json', '{"login":1}'],
    ['record', '/var/lib/bulma-infra/monzo.json', '{"login":'],
    ['issued', '/var/lib/bulma-infra/monzo.login', 'seven'],
  ])('a broken %s is reported and never written over: %s', async (broken, path, text) => {
    const { holder, pid, login } = await z2.take()
    await z2.ask({ do: 'release', me: { holder, pid, login } })
    z2.write(path, text)
    for (const one of [{ do: 'see' } as const, order()])
      expect(await z2.ask(one)).toEqual({ broken, why: expect.stringContaining(path) })
    expect(z2.read(path)).toBe(text)
  })

  it('a link or a second name in the place of the lease is not followed', async () => {
    const { holder, pid, login } = await z2.take()
    const me = { holder, pid, login }
    const elsewhere = z2.path('/root/elsewhere')
    writeFileSync(elsewhere, z2.read(z2.leasePath()) ?? '')
    rmSync(z2.path(z2.leasePath()))
    symlinkSync(elsewhere, z2.path(z2.leasePath()))
    const refused = { broken: 'lease', why: expect.stringContaining('monzo.lease') }
    expect(await z2.ask(order())).toEqual(refused)
    expect(await z2.ask({ do: 'renew', me, seconds: 9, switchSeconds: null })).toEqual(refused)
    rmSync(z2.path(z2.leasePath()))
    linkSync(elsewhere, z2.path(z2.leasePath()))
    expect(await z2.ask({ do: 'renew', me, seconds: 9, switchSeconds: null })).toEqual(refused)
    expect(JSON.parse(readFileSync(elsewhere, 'utf8'))).toMatchObject({ login })
  })

  it('a staging folder that is a link is not used', async () => {
    symlinkSync(z2.path('/root'), z2.path(z2.staging))
    expect(await z2.ask(order())).toEqual({
      broken: 'folder',
      why: expect.stringContaining('.bulma-infra-staging'),
    })
    expect(z2.read(z2.leasePath())).toBeNull()
  })

  it('a staging folder that others may enter is closed to them', async () => {
    await z2.take()
    await z2.shell('chmod 777 .lab/z2/mnt/data/hinata/data/.bulma-infra-staging')
    await z2.take()
    const { out } = await z2.shell(`stat -c %a .lab/z2/mnt/data/hinata/data/.bulma-infra-staging`)
    expect(out).toBe('700\n')
  })

  it('without the data folder nothing is taken', async () => {
    rmSync(z2.path('/mnt/data/hinata/data'), { recursive: true })
    expect(await z2.ask(order())).toMatchObject({ broken: 'folder' })
  })
})

describe('a lease that is held', () => {
  it('is renewed by its holder alone, also when it has just run out', async () => {
    const { holder, pid, login } = await z2.take()
    const me = { holder, pid, login }
    setLease({ deadline: now() - 5 })
    expect(await z2.ask({ do: 'renew', me, seconds: 60, switchSeconds: null })).toMatchObject({
      mine: true,
      armed: false,
    })
    expect(onDisk().deadline).toBeGreaterThan(now() + 50)
    for (const wrong of [
      { ...me, pid: 1 },
      { ...me, holder: 'x' },
      { ...me, login: 9 },
    ]) {
      expect(await z2.ask({ do: 'renew', me: wrong, seconds: 900, switchSeconds: 600 })).toMatchObject({
        mine: false,
      })
      expect(await z2.ask({ do: 'release', me: wrong })).toEqual({ released: false })
    }
    expect(onDisk().deadline).toBeLessThan(now() + 100)
  })

  it('is given back, and what was staged goes with it; giving it back again is no error', async () => {
    const { holder, pid, login } = await z2.take()
    z2.stage('tokens', 'left')
    const me = { holder, pid, login }
    expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
    expect(z2.read(z2.leasePath())).toBeNull()
    expect(z2.read(`${z2.staging}/monzo.tokens`)).toBeNull()
    expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
  })

  it('lets nobody but its holder touch the poller', async () => {
    const { holder, pid, login } = await z2.take()
    const late = { holder, pid, login }
    setLease({ deadline: now() - 1 })
    const lease = await z2.take(other)
    const chain = newChain(z2, { me: late, before: null })
    expect(await z2.ask({ do: 'stop', me: late, switchSeconds: 600, waitSeconds: 1 })).toEqual({
      state: 'not-mine',
      lease,
    })
    expect(await z2.ask({ do: 'start', me: late })).toMatchObject({ started: false, next: false })
    expect(await z2.ask({ do: 'poll', me: late })).toEqual({
      failed: expect.stringContaining('nnamdi@laptop'),
    })
    expect(await z2.ask(chain.order)).toMatchObject({
      done: false,
      no: 'lease',
      says: expect.stringContaining('nnamdi@laptop'),
    })
    const { timer, switchArmed } = (await z2.ask({ do: 'see' })) as { timer: object; switchArmed: boolean }
    expect(timer).toMatchObject({ active: 'active' })
    expect(switchArmed).toBe(false)
  })
})
