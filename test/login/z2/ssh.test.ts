import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCount, resetCount } from '../../../lab/sim/count.ts'
import { startLab, stopLab } from '../../../lab/sim/lifecycle.ts'
import { placeAt } from '../../../lab/sim/place.ts'
import { simulatedWorld } from '../../../lab/sim/world.ts'
import { parseConfig } from '../../../lib/config.ts'
import { commandOf, z2Of } from '../../../lib/io/login/z2.ts'
import type { Me, Order } from '../../../lib/login/order.ts'
import { sshArguments } from '../../../lib/ssh-options.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'
import { account, fingerprint, sha256 } from './place.ts'

// Orders over a real ssh, against the simulated Z2 with its clock running.

const checkout = temporaryFolder('orders')
const place = placeAt(checkout)
const world = simulatedWorld(place)
const config = parseConfig(
  { sshConfig: '.lab/ssh_config', hostRoot: '.lab/z2', containerRoot: '.lab/ct109' },
  'a test',
)
const z2 = z2Of(config, 'monzo', checkout)
const data = join(place.roots.z2, 'mnt/data/hinata/data')

beforeAll(async () => {
  await startLab(place)
})
afterAll(async () => {
  await stopLab(place)
  rmSync(checkout, { recursive: true, force: true })
})

async function take(): Promise<Me> {
  const reply = await z2.ask({ do: 'take', holder: 'a@mac', pid: 1, login: null, seconds: 90 })
  if (!('taken' in reply) || !reply.taken) throw new Error(JSON.stringify(reply))
  const { holder, pid, login } = reply.lease
  return { holder, pid, login }
}
const stop = (me: Me, switchSeconds = 600) => z2.ask({ do: 'stop', me, switchSeconds, waitSeconds: 5 })

async function staged(me: Me): Promise<Extract<Order, { do: 'commit' }>> {
  const reply = await stop(me)
  if (reply.state !== 'idle') throw new Error(JSON.stringify(reply))
  const text = `{"refresh_token":"over-ssh-${me.login}"}\n`
  mkdirSync(join(data, '.bulma-infra-staging'), { recursive: true })
  writeFileSync(join(data, '.bulma-infra-staging/monzo.tokens'), text, { mode: 0o600 })
  return {
    do: 'commit',
    me,
    before: reply.refresh,
    files: [{ kind: 'tokens', name: 'tokens_monzo.json', sha256: sha256(text) }],
    record: { account, refresh: fingerprint(`over-ssh-${me.login}`), loggedInAt: 1, consentEnd: null },
    carry: false,
  }
}

describe('orders over ssh', () => {
  it('a whole login, each order in one session over one connection, with one pct exec at most', async () => {
    resetCount(place)
    const me = await take()
    const commit = await staged(me)
    expect(await z2.ask(commit)).toMatchObject({ done: true, already: false })
    const begun = await z2.ask({ do: 'poll', me })
    expect(await z2.ask({ do: 'start', me })).toMatchObject({ started: true, next: true })
    if ('failed' in begun) throw new Error(begun.failed)
    expect(await z2.ask({ do: 'polled', mark: begun.mark })).toMatchObject({ ran: true })
    expect(await z2.ask({ do: 'tail', lines: 3 })).toMatchObject({ lines: expect.any(Array) })
    expect(await z2.ask({ do: 'see' })).toMatchObject({ record: { login: me.login }, switchArmed: false })
    expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
    // take and release have nothing to ask inside
    expect(readCount(place)).toEqual({ connections: 1, sessions: 9, pctExecs: 7, pctExecElsewhere: 0 })
  })

  it('the switch starts the timer by itself when nobody renews it', async () => {
    const me = await take()
    expect(await stop(me, 5)).toMatchObject({ state: 'idle' })
    await wait(3000)
    expect(await z2.ask({ do: 'renew', me, seconds: 90, switchSeconds: 5 })).toMatchObject({ armed: true })
    await wait(3500)
    expect(await z2.ask({ do: 'see' })).toMatchObject({ switchArmed: true, timer: { active: 'inactive' } })
    await expect
      .poll(() => z2.ask({ do: 'see' }), { timeout: 12_000, interval: 500 })
      .toMatchObject({ switchArmed: false, timer: { active: 'active', next: true } })
    await z2.ask({ do: 'release', me })
  })

  it('a commit comes to pass when its client is killed', async () => {
    const me = await take()
    const commit = await staged(me)
    const lock = join(place.roots.z2, 'run/lock/bulma-monzo')
    const tools = ['z2', 'system'].map((name) => join(place.bin, name)).join(':')
    const holding = spawn('/bin/sh', ['-c', `exec flock -o ${lock} sleep 2`], { env: { PATH: tools } })
    await wait(200)
    const words = [...sshArguments(config), commandOf(config, 'monzo', commit, 'aa')]
    // no shared connection: it is the client's own end that is to come
    const client = spawn('ssh', ['-o', 'ControlPath=none', ...words], { cwd: checkout, stdio: 'ignore' })
    await wait(1200)
    client.kill('SIGKILL')
    await expect
      .poll(() => readFileSync(join(data, 'bulma/tokens_monzo.json'), 'utf8'), { timeout: 8000 })
      .toContain(`over-ssh-${me.login}`)
    expect(await z2.ask(commit)).toMatchObject({ done: true, already: true })
    await z2.ask({ do: 'start', me })
    await z2.ask({ do: 'release', me })
    holding.kill()
  })

  it('a login shell that talks is no harm', async () => {
    world.turn('noisy-shell', true)
    expect(await z2.ask({ do: 'see' })).toMatchObject({ container: { identity: 'ours' } })
    world.turn('noisy-shell', false)
  })
})

describe('a Z2 that does not answer as a whole', () => {
  const problem = (order: Order): Promise<object> =>
    z2.ask(order).then(
      () => ({ none: true }),
      (error) => ({ ...error.lines, exitCode: error.exitCode }),
    )

  it('an answer that is cut short is no answer', async () => {
    world.turn('cut-output', true, '60')
    expect(await problem({ do: 'see' })).toMatchObject({
      what: 'cannot look at hinata-z2',
      why: expect.stringContaining('cut short'),
      exitCode: 3,
    })
    expect(await problem({ do: 'take', holder: 'a@mac', pid: 1, login: null, seconds: 90 })).toMatchObject({
      what: 'hinata-z2 did not answer to "take"',
      why: expect.stringContaining('cut short'),
      next: 'ssh -F .lab/ssh_config hinata-z2 true',
      left: 'it is not known whether it was done; asking again is safe',
      exitCode: 3,
    })
    world.turn('cut-output', false)
    await take()
  })

  it('neither is one that cannot be reached', async () => {
    world.turn('port-refused', true)
    await expect
      .poll(() => problem({ do: 'see' }), { timeout: 5000 })
      .toMatchObject({
        why: expect.stringContaining('Connection refused'),
        exitCode: 3,
      })
    world.turn('port-refused', false)
    await expect.poll(() => problem({ do: 'see' }), { timeout: 5000 }).toEqual({ none: true })
  })

  it('a program that fails there is said to have failed, masked', async () => {
    const perl = join(place.bin, 'z2/perl')
    const kept = readFileSync(perl, 'utf8')
    writeFileSync(perl, `#!/bin/sh\necho "perl: ${'A'.repeat(30)} is broken" >&2\nexit 9\n`)
    expect(await problem({ do: 'tail', lines: 1 })).toMatchObject({
      why: 'the look could not run there (exit 9): perl: [MASKED] is broken',
    })
    writeFileSync(perl, kept)
    expect(existsSync(perl)).toBe(true)
  })
})
