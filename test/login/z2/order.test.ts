import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { configSchema } from '../../../lib/config.ts'
import type { Bank } from '../../../lib/invariant.ts'
import { commandOf } from '../../../lib/io/login/z2.ts'
import { type Order, parseOrderOutput } from '../../../lib/login/order.ts'
import { orderParts } from '../../../lib/login/order-command.ts'
import { orderProblem } from '../../../lib/login/order-problem.ts'

const config = configSchema.parse({})
const me = { holder: "o'brien@mac", pid: 1, login: 1 }
const orders: Order[] = [
  { do: 'see' },
  { do: 'take', holder: me.holder, pid: 1, login: null, seconds: 90, over: { holder: 'x', pid: 2 } },
  { do: 'renew', me, seconds: 90, switchSeconds: 600 },
  { do: 'release', me },
  { do: 'stop', me, switchSeconds: 600, waitSeconds: 5 },
  {
    do: 'commit',
    me,
    before: null,
    files: [{ kind: 'tokens', name: 'tokens_monzo.json', sha256: 'a'.repeat(64) }],
    record: { account: [], refresh: 'b'.repeat(16), loggedInAt: 1, consentEnd: null },
    carry: true,
  },
  { do: 'start', me },
  { do: 'poll', me },
  { do: 'polled', mark: { inode: '1', size: 0, invocation: '', running: false } },
  { do: 'tail', lines: 15 },
]
const command = (order: Order, bank: Bank = 'monzo'): string => commandOf(config, bank, order, 'an-id')
const programOf = (order: Order, bank: Bank = 'monzo'): string =>
  gunzipSync(Buffer.from(command(order, bank).split(' ')[1] ?? '', 'base64')).toString()

describe('the command of an order', () => {
  it('is there for every order', () => {
    expect(orders.map((order) => order.do).sort()).toEqual(Object.keys(orderParts).sort())
  })

  it('is one encoded argument that every login shell leaves alone', () => {
    for (const order of orders)
      expect(command(order)).toMatch(/^echo [A-Za-z0-9+/=]+ \| base64 -d \| gzip -d \| perl - [a-z]+ monzo$/)
  })

  it('fits into one packet of any ssh server (RFC 4253, 6.1)', () => {
    for (const order of orders) expect([order.do, command(order).length < 16_384]).toEqual([order.do, true])
  })

  it('carries quotes, yes and no as 1 and 0, and nothing as undef', () => {
    const program = programOf(orders[5] as Order)
    expect(program).toContain("'holder','o\\'brien@mac'")
    expect(program).toContain("'before',undef")
    expect(program).toContain("'carry',1")
  })

  it('knows the files and units of its bank', () => {
    const program = programOf({ do: 'see' }, 'truelayer')
    for (const name of [
      'tokens_truelayer.json',
      'truelayer_credentials.json',
      'bulma-poll-truelayer.timer',
      'bulma-poll-truelayer.service',
    ])
      expect(program).toContain(`'${name}'`)
    expect(program).not.toContain('monzo')
  })
})

describe('the answer to an order', () => {
  const whole = (value: unknown, id = 'id'): string =>
    `Welcome\n\nBULMA ${id} BEGIN\n${JSON.stringify(value)}\nBULMA ${id} END\n`

  it('is taken from between the markers, whatever a login shell says before', () => {
    expect(parseOrderOutput('release', whole({ released: true }), 'id')).toEqual({
      state: 'whole',
      reply: { released: true },
    })
  })

  it('is not believed with other markers, cut short, or in another form', () => {
    const out = whole({ released: true })
    expect(parseOrderOutput('release', out, 'other')).toEqual({ state: 'none' })
    expect(parseOrderOutput('release', out.slice(0, -4), 'id')).toEqual({ state: 'cut' })
    expect(parseOrderOutput('release', out.slice(0, -20), 'id')).toEqual({ state: 'cut' })
    expect(parseOrderOutput('release', '', 'id')).toEqual({ state: 'none' })
    const foreign = { state: 'foreign', why: expect.stringContaining('not what was asked for') }
    for (const value of [null, {}, { released: 'yes' }, { taken: true }])
      expect(parseOrderOutput('release', whole(value), 'id')).toEqual(foreign)
    expect(parseOrderOutput('release', 'BULMA id BEGIN\n{"rel\nBULMA id END\n', 'id')).toEqual(foreign)
  })

  it('a record, a lease or a fingerprint of another form is not believed', () => {
    const lease = { holder: 'x', pid: 1, login: 1, since: 1, deadline: 2 }
    expect(parseOrderOutput('take', whole({ taken: true, lease, now: 1 }), 'id').state).toBe('whole')
    expect(
      parseOrderOutput('take', whole({ taken: true, lease: { ...lease, pid: '1' }, now: 1 }), 'id').state,
    ).toBe('foreign')
    expect(parseOrderOutput('stop', whole({ state: 'idle', refresh: 'secret' }), 'id').state).toBe('foreign')
  })
})

describe('what a person reads when Z2 gives no whole answer', () => {
  const end = {
    status: 255,
    stderr: 'ssh: connect to host z2 port 22: Connection refused\n',
    timedOut: false,
  }

  it('to a look', () => {
    const { lines, exitCode } = orderProblem(config, 'see', end, { state: 'none' })
    expect(lines).toEqual({
      what: 'cannot look at hinata-z2',
      why: 'ssh: connect to host z2 port 22: Connection refused',
      next: 'ssh hinata-z2 true',
      left: 'nothing was looked at and nothing was changed',
    })
    expect(exitCode).toBe(3)
  })

  it('to an order that changes something', () => {
    const { lines, exitCode } = orderProblem(config, 'commit', { ...end, stderr: '' }, { state: 'cut' })
    expect(lines).toEqual({
      what: 'hinata-z2 did not answer to "commit"',
      why: 'the look was cut short',
      next: 'ssh hinata-z2 true',
      left: 'it is not known whether it was done; asking again is safe',
    })
    expect(exitCode).toBe(3)
  })
})
