import { spawnSync } from 'node:child_process'
import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { giveOrder, type Order } from '../../lab/bank/control.ts'
import { bankRecord } from '../../lab/bank/record.ts'
import { findFaults } from '../../lab/fault/catalogue.ts'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendAll, plantFaults } from '../../lab/sim/plant.ts'
import type { Bank } from '../../lab/world.ts'
import { ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

// The pollers of a simulated CT109 and its banks, together. That this poller does what the reference one does is in test/poller.

const folder = temporaryFolder('lab-poll')
const place = placeAt(folder)
beforeAll(() => startLab(place))
afterEach(() => mendAll(place))
afterAll(async () => {
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

const data = join(place.roots.z2, 'mnt/data/hinata/data/bulma')
const tokens = (bank: Bank) => JSON.parse(readFileSync(join(data, `tokens_${bank}.json`), 'utf8'))
const order = (what: Order): Promise<unknown> =>
  giveOrder(bankRecord.parse(JSON.parse(readFileSync(place.bank, 'utf8'))).control, what)
const plant = (...names: string[]) => plantFaults(place, findFaults(names).found)

/** One poll by systemd: how `systemctl start` ends, and the lines that the poll wrote. */
async function poll(bank: Bank): Promise<{ code: number | null; lines: string[] }> {
  const log = join(data, `poll-${bank}.log`)
  const before = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  const { code } = await ssh(place, `pct exec 109 -- systemctl start bulma-poll-${bank}.service`)
  const lines = readFileSync(log, 'utf8').slice(before).trimEnd().split('\n')
  return { code, lines: lines.map((line) => line.slice(20)) }
}

const good = {
  monzo: ['2 accounts, 14 transactions, total -83.20 GBP', 'done'],
  truelayer: ['3 accounts, 21 transactions, total -412.07 GBP', 'credit-accounts.json updated', 'done'],
}

test.each(['monzo', 'truelayer'] as const)(
  '%s: the tokens of a new lab are good at its bank',
  async (bank) => {
    expect(await poll(bank)).toEqual({ code: 0, lines: ['tokens loaded', ...good[bank]] })
  },
)

test.each(['monzo', 'truelayer'] as const)(
  '%s: a poll that finds the access token over rotates the chain, through the bind mount and as the root of the container',
  async (bank) => {
    const file = join(data, `tokens_${bank}.json`)
    const [before, old] = [tokens(bank), lstatSync(file)]
    await order({ bank, do: 'expireAccess' })
    const lines = ['tokens loaded', 'the access token is no longer accepted', 'refresh ok', ...good[bank]]
    expect(await poll(bank)).toEqual({ code: 0, lines })
    expect(tokens(bank)).toMatchObject({ refresh_token: await order({ bank, do: 'liveRefresh' }) })
    expect(tokens(bank).refresh_token).not.toBe(before.refresh_token)
    expect(lstatSync(file).ino).not.toBe(old.ino)
    const { stdout } = await ssh(
      place,
      `perl -e 'print join " ", (stat ".lab/z2/mnt/data/hinata/data/bulma/tokens_${bank}.json")[4, 5]'`,
    )
    expect(stdout).toBe('100000 100000')
    expect(readdirSync(data).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await poll(bank)).toEqual({ code: 0, lines: ['tokens loaded', ...good[bank]] })
  },
)

test.each([
  ['poll-dead-monzo', 'monzo', /^refresh failed: HTTP 401: .*Bad refresh token/, 1],
  ['poll-dead-truelayer', 'truelayer', /^refresh failed: HTTP 400: \{"error":"invalid_grant"\}$/, 1],
  ['poll-approval-monzo', 'monzo', /^HTTP 403: Forbidden on \/accounts$/, 0],
  ['poll-approval-truelayer', 'truelayer', /^HTTP 403: \{"error":"sca_exceeded"\}$/, 0],
  ['poll-unreachable-monzo', 'monzo', /^network error: 127\.0\.0\.1: Empty reply from server$/, 1],
  ['poll-failed-truelayer', 'truelayer', /^done$/, 0],
  ['token-unreadable-monzo', 'monzo', /^cannot read tokens_monzo\.json: Permission denied$/, 1],
  [
    'token-absent-truelayer',
    'truelayer',
    /^cannot read tokens_truelayer\.json: No such file or directory$/,
    1,
  ],
  ['token-folder-monzo', 'monzo', /^cannot read tokens_monzo\.json: not a regular file$/, 1],
  ['token-link-monzo', 'monzo', /^cannot read tokens_monzo\.json: No such file or directory$/, 1],
] as const)('%s: the next poll of %s says %s', async (fault, bank, says, code) => {
  await plant(fault)
  const polled = await poll(bank)
  expect(polled.lines.at(-1)).toMatch(says)
  expect(polled.code).toBe(code)
  await mendAll(place)
  expect(await poll(bank)).toEqual({ code: 0, lines: ['tokens loaded', ...good[bank]] })
})

test('a poll that could not put the new tokens in their place asks for none', async () => {
  const before = tokens('monzo')
  chmodSync(data, 0o755)
  await order({ bank: 'monzo', do: 'expireAccess' })
  expect((await poll('monzo')).lines.at(-1)).toBe('cannot write in /root/data/bulma: nothing was refreshed')
  expect(tokens('monzo')).toEqual(before)
  expect(await order({ bank: 'monzo', do: 'liveRefresh' })).toBe(before.refresh_token)
  chmodSync(data, 0o757)
})

test('a poll that the container or the lab ends in the middle of a request is gone at once', async () => {
  await order({ bank: 'monzo', do: 'knob', knobs: { trouble: [{ how: 'slow', ms: 20_000 }] } })
  const pid = async () =>
    (
      await ssh(place, 'pct exec 109 -- systemctl show bulma-poll-monzo.service -p ExecMainPID --value')
    ).stdout.trim()
  await ssh(place, 'pct exec 109 -- systemctl start --no-block bulma-poll-monzo.service')
  await expect.poll(async () => Number(await pid())).toBeGreaterThan(0)
  const running = Number(await pid())
  expect(() => process.kill(running, 0)).not.toThrow()
  await ssh(place, 'pct stop 109; pct start 109')
  await expect.poll(() => spawnSync('kill', ['-0', String(running)]).status).not.toBe(0)
})

test('in a lab that is left up the pollers go on, unless what they left is the fault', async () => {
  await order({ bank: 'monzo', do: 'knob', knobs: { trouble: [] } })
  const service = join(place.roots.ct109, 'run/sim/unit/bulma-poll-monzo.service')
  const log = join(data, 'poll-monzo.log')
  await poll('monzo')
  const age = () => writeFileSync(service, readFileSync(service, 'utf8').replace(/^began=.*$/m, 'began=1000'))
  const tick = () => spawnSync(join(place.bin, 'lib/tick')).status
  const lines = () => readFileSync(log, 'utf8').split('\n').length
  const before = lines()
  expect(tick()).toBe(0)
  expect(lines()).toBe(before)
  age()
  expect(tick()).toBe(0)
  await expect.poll(lines).toBe(before + 3)
  await plant('poll-stalled-monzo')
  const stalled = lines()
  expect(tick()).toBe(0)
  expect(lines()).toBe(stalled)
})
