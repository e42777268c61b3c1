import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveOrder, type Order } from '../../lab/bank/control.ts'
import { readBanks } from '../../lab/real/bank.ts'
import { realPlaceAt } from '../../lab/real/place.ts'
import type { Bank } from '../../lab/world.ts'
import { newProject, type Project } from '../e2e/project.ts'

// The pollers really poll: they rotate the chains through the bind mount, and nothing drifts because of it.

let project: Project
const rotations = 15
const data = '/mnt/data/hinata/data/bulma'
const banks: Bank[] = ['monzo', 'truelayer']

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterAll(() => project.end())

const order = (what: Order): Promise<unknown> => giveOrder(readBanks(realPlaceAt(project.dir)).control, what)
const ssh = async (command: string): Promise<string> => {
  const { code, out, err } = await project.ssh(command)
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${err}`)
  return out
}
const inside = (command: string): Promise<string> => ssh(`pct exec 109 -- ${command}`)
const poll = (bank: Bank): Promise<string> => inside(`systemctl start bulma-poll-${bank}.service`)
const tail = async (bank: Bank, lines: number): Promise<string[]> =>
  (await ssh(`tail -n ${lines} ${data}/poll-${bank}.log`))
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(20))
const file = async (bank: Bank): Promise<{ token: string; mode: string; owner: string }> => {
  const [mode = '', owner = '', token = ''] = (
    await ssh(
      `stat -c '%a\n%u' ${data}/tokens_${bank}.json; jq -r .refresh_token ${data}/tokens_${bank}.json`,
    )
  ).split('\n')
  return { token, mode, owner }
}
const refused = async (bank: Bank): Promise<unknown[]> =>
  ((await order({ bank, do: 'audit' })) as { event: string }[]).filter(({ event }) => event === 'refused')

const good: Record<Bank, string[]> = {
  monzo: [
    'tokens loaded',
    'refresh ok',
    expect.stringMatching(/^2 accounts, \d+ transactions, total -?\d+\.\d\d GBP$/),
    'done',
  ],
  truelayer: [
    'tokens loaded',
    'refresh ok',
    expect.stringMatching(/^3 accounts, \d+ transactions, total -?\d+\.\d\d GBP$/),
    'credit-accounts.json updated',
    'done',
  ],
}

async function rotate(mode: string): Promise<void> {
  for (const bank of banks) await order({ bank, do: 'knob', knobs: { accessTtlMs: 1000 } })
  // the first one finds an access token that has not expired yet by its own clock
  for (const bank of banks) await order({ bank, do: 'expireAccess' })
  for (const bank of banks) await poll(bank)
  for (let round = 0; round < rotations; round++) {
    for (const bank of banks) {
      const before = await file(bank)
      await poll(bank)
      const after = await file(bank)
      expect(after.token).not.toBe(before.token)
      expect([after.mode, after.owner]).toEqual([mode, '100000'])
      expect(await tail(bank, good[bank].length)).toEqual(good[bank])
      expect(await order({ bank, do: 'isLive', refreshToken: after.token })).toBe(true)
    }
    expect(await project.off()).toEqual([])
  }
  for (const bank of banks) expect(await refused(bank)).toEqual([])
  expect((await ssh(`ls -A ${data}`)).split('\n').filter((name) => name.startsWith('.'))).toEqual([])
}

describe('many rotations', () => {
  it('nothing drifts while everybody may read and write the token files', () => rotate('646'), 180_000)

  it("nothing drifts while the token files are the container's root's alone", async () => {
    const stack = join(project.dir, 'Pulumi.lab.yaml')
    writeFileSync(
      stack,
      readFileSync(stack, 'utf8').replace('config:\n', 'config:\n  bulma:tokenAccess: mapped-owner\n'),
    )
    await project.run(project.engine.pulumi, ['stack', 'select', '--create', 'lab'])
    expect((await project.up()).code).toBe(0)
    await rotate('600')
  }, 180_000)
})

it.each(banks)(
  'a poll of %s fires by its timer, and the next one is due within the interval',
  async (bank) => {
    const dropIn = `/run/systemd/system/bulma-poll-${bank}.timer.d/soon.conf`
    const before = await file(bank)
    await inside(
      `sh -c 'mkdir -p $(dirname ${dropIn}); printf "[Timer]\\nOnActiveSec=1s\\nAccuracySec=1s\\n" >${dropIn}'`,
    )
    await inside(`sh -c 'systemctl daemon-reload; systemctl restart bulma-poll-${bank}.timer'`)
    await expect.poll(async () => (await file(bank)).token, { timeout: 30_000 }).not.toBe(before.token)
    await inside(
      `sh -c 'rm -r $(dirname ${dropIn}); systemctl daemon-reload; systemctl restart bulma-poll-${bank}.timer'`,
    )
    await expect.poll(() => project.off(), { timeout: 15_000 }).toEqual([])
    expect(await inside(`journalctl -u bulma-poll-${bank}.service -o cat`)).toContain(
      'Deactivated successfully',
    )
  },
)

describe('what the banks answer is what the poller says', () => {
  it.each<[fault: string, bank: Bank, line: RegExp, status: number]>([
    ['poll-dead-monzo', 'monzo', /^refresh failed: HTTP 401: .*Bad refresh token|bad_refresh_token/, 1],
    ['poll-dead-truelayer', 'truelayer', /^refresh failed: HTTP 400: .*invalid_grant/, 1],
    ['poll-approval-monzo', 'monzo', /^HTTP 403: Forbidden on \/accounts$/, 0],
    ['poll-approval-truelayer', 'truelayer', /^HTTP 403: \{"error":"sca_exceeded"\}$/, 0],
    ['poll-unreachable-monzo', 'monzo', /^network error: /, 1],
    [
      'token-absent-truelayer',
      'truelayer',
      /^cannot read tokens_truelayer\.json: No such file or directory$/,
      1,
    ],
    ['token-unreadable-monzo', 'monzo', /^cannot read tokens_monzo\.json: Permission denied$/, 1],
  ])('%s', async (fault, bank, line, status) => {
    await project.lab('break', fault)
    const start = `pct exec 109 -- systemctl start bulma-poll-${bank}.service`
    // twice: the first may be one with what the timer has just started
    await project.ssh(start)
    const { code } = await project.ssh(start)
    expect(code).toBe(status)
    expect((await tail(bank, 1))[0]).toMatch(line)
    await project.lab('mend')
    await project.ssh(`pct exec 109 -- systemctl start bulma-poll-${bank}.service`)
    expect((await tail(bank, 1))[0]).toBe('done')
  })

  it('what a timer starts waits while a fault is planted, and what is started by hand does not', async () => {
    await project.lab('break', 'legacy-dormant')
    const held = await inside(
      'sh -c "TRIGGER_UNIT=x /opt/bulma/poll monzo; tail -n 1 /root/data/bulma/poll-monzo.log"',
    )
    await poll('monzo')
    expect((await tail('monzo', 3))[0]).not.toBe(held)
    await project.lab('mend')
  })
})
