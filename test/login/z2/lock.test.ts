import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandOf } from '../../../lib/io/login/z2.ts'
import type { Me, Order } from '../../../lib/login/order.ts'
import { newChain, Z2Place } from './place.ts'

// The lock that orders, repairs of `up` and the switch share.

let z2: Z2Place
let me: Me
let order: Extract<Order, { do: 'commit' }>
beforeEach(async () => {
  z2 = new Z2Place('monzo')
  const stopped = await z2.stopped()
  me = stopped.me
  order = newChain(z2, stopped).order
})
afterEach(() => z2.end())

const lock = '.lab/z2/run/lock/bulma-monzo'

describe('while somebody else holds the lock of the bank', () => {
  it('an order waits for a moment, and then does its work', async () => {
    const held = z2.shell(`flock -o ${lock} sleep 2`)
    await wait(300)
    const began = performance.now()
    expect(await z2.ask(order)).toMatchObject({ done: true })
    expect(performance.now() - began).toBeGreaterThan(1000)
    await held
  })

  it('each order says who has it, in its own words, and does nothing', async () => {
    const held = z2.shell(`echo 'sleep 11' | flock -o -E 75 -w 120 ${lock} timeout -k 5 60 sh -s`)
    await wait(500)
    const holds = expect.stringMatching(/^pid \d+ \(a repair of pulumi up\) holds .*run\/lock\/bulma-monzo$/)
    const orders: Order[] = [
      { do: 'take', holder: 'x', pid: 1, login: null, seconds: 9 },
      { do: 'renew', me, seconds: 9, switchSeconds: null },
      { do: 'release', me },
      { do: 'stop', me, switchSeconds: 600, waitSeconds: 1 },
      order,
      { do: 'start', me },
      { do: 'poll', me },
    ]
    const replies = await Promise.all(orders.map((one) => z2.ask(one)))
    expect(replies).toEqual([
      { broken: 'lock', why: holds },
      { broken: 'lock', why: holds },
      { broken: 'lock', why: holds },
      { state: 'busy', unit: holds, since: null },
      { done: false, no: 'busy', says: holds },
      { started: false, next: false, says: holds },
      { failed: holds },
    ])
    expect(await z2.ask({ do: 'see' })).toMatchObject({
      lease: { login: me.login },
      timer: { active: 'inactive' },
    })
    await held
  })

  it('another order is named', async () => {
    z2.world.turn('pct-hangs', true)
    const first = z2.ask({ do: 'start', me })
    await wait(1000)
    expect(await z2.ask({ do: 'renew', me, seconds: 9, switchSeconds: null })).toEqual({
      broken: 'lock',
      why: expect.stringMatching(/^pid \d+ \(bulma-infra start\) holds /),
    })
    expect(await first).toEqual({ started: false, next: false, says: 'pct exec did not answer in time' })
    expect((await z2.shell(`flock -n ${lock} echo free`)).out).toBe('free\n')
  })

  it('an order that is killed gives it back, whatever it has started', async () => {
    const pct = join(z2.place.bin, 'z2/pct')
    writeFileSync(pct, '#!/bin/sh\nsleep 4\n')
    const { pid, ended } = z2.begin(commandOf(z2.config, 'monzo', { do: 'start', me }, 'aa'))
    await wait(1500)
    expect((await z2.shell(`flock -n ${lock} echo free`)).out).toBe('')
    process.kill(-pid, 'SIGKILL')
    await wait(200)
    expect((await z2.shell(`flock -n ${lock} echo free`)).out).toBe('free\n')
    await ended
  })

  it('a link in its place is not followed', async () => {
    rmSync(z2.path('/run/lock/bulma-monzo'))
    writeFileSync(z2.path('/root/outside'), '')
    symlinkSync(z2.path('/root/outside'), z2.path('/run/lock/bulma-monzo'))
    expect(await z2.ask({ do: 'release', me })).toMatchObject({
      broken: 'lock',
      why: expect.stringContaining('cannot open'),
    })
  })
})

describe('a client that goes away, a terminal that closes, a systemd that stops everything', () => {
  it.each(['HUP', 'PIPE', 'TERM', 'INT'] as const)('SIG%s does not end a commit', async (signal) => {
    // the lock is free only when the signal has come
    const held = z2.shell(`flock -o ${lock} sleep 2`)
    await wait(200)
    const { pid, ended } = z2.begin(commandOf(z2.config, 'monzo', order, 'aa'))
    await wait(1000)
    process.kill(-pid, `SIG${signal}`)
    expect((await ended).out).toContain('"done":true')
    await held
  })

  it('the rest goes on without its client, too', async () => {
    const held = z2.shell(`flock -o ${lock} sleep 2`)
    await wait(200)
    const { pid, ended } = z2.begin(commandOf(z2.config, 'monzo', { do: 'start', me }, 'aa'))
    await wait(1000)
    process.kill(-pid, 'SIGHUP')
    process.kill(-pid, 'SIGPIPE')
    expect((await ended).out).toContain('"started":true')
    await held
  })
})
