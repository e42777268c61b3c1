import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveOrder, type Order } from '../../lab/bank/control.ts'
import { readBankRecord } from '../../lab/bank/record.ts'
import { realPlaceAt } from '../../lab/real/place.ts'
import type { Bank } from '../../lab/world.ts'
import { newProject, type Project } from '../e2e/project.ts'

// The pollers really poll: by their timers, and with the banks' answers in their logs.

let project: Project
const data = '/mnt/data/hinata/data/bulma'
const banks: Bank[] = ['monzo', 'truelayer']

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterAll(() => project.end())

const order = (what: Order): Promise<unknown> =>
  giveOrder(readBankRecord(realPlaceAt(project.dir)).control, what)
const ssh = async (command: string): Promise<string> => {
  const { code, out, err } = await project.ssh(command)
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${err}`)
  return out
}
const inside = (command: string): Promise<string> => ssh(`pct exec 109 -- ${command}`)
/** systemd allows five starts in ten seconds; reset-failed forgets them. */
const start = (bank: Bank): string => {
  const service = `bulma-poll-${bank}.service`
  return `pct exec 109 -- sh -c 'systemctl reset-failed ${service}; systemctl start ${service}'`
}
const tail = async (bank: Bank, lines: number): Promise<string[]> =>
  (await ssh(`tail -n ${lines} ${data}/poll-${bank}.log`))
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(20))
const token = (bank: Bank): Promise<string> => ssh(`jq -r .refresh_token ${data}/tokens_${bank}.json`)

it.each(banks)(
  'a poll of %s fires by its timer, and the next one is due within the interval',
  async (bank) => {
    const dropIn = `/run/systemd/system/bulma-poll-${bank}.timer.d/soon.conf`
    await order({ bank, do: 'expireAccess' })
    const before = await token(bank)
    await inside(
      `sh -c 'mkdir -p $(dirname ${dropIn}); printf "[Timer]\\nOnActiveSec=1s\\nAccuracySec=1s\\nRandomizedDelaySec=0\\n" >${dropIn}'`,
    )
    await inside(`sh -c 'systemctl daemon-reload; systemctl restart bulma-poll-${bank}.timer'`)
    await expect.poll(() => token(bank), { timeout: 30_000 }).not.toBe(before)
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
    // twice: the first may be one with what the timer has just started
    await project.ssh(start(bank))
    const { code } = await project.ssh(start(bank))
    expect(code).toBe(status)
    expect((await tail(bank, 1))[0]).toMatch(line)
    await project.lab('mend')
    await project.ssh(start(bank))
    expect((await tail(bank, 1))[0]).toBe('done')
  })

  it('what a timer starts waits while a fault is planted, and what is started by hand does not', async () => {
    await project.lab('break', 'legacy-dormant')
    const lines = async (): Promise<number> => Number(await ssh(`wc -l <${data}/poll-monzo.log`))
    const before = await lines()
    await inside('env TRIGGER_UNIT=bulma-poll-monzo.timer /opt/bulma/poll monzo')
    expect(await lines()).toBe(before)
    await ssh(start('monzo'))
    expect(await lines()).toBeGreaterThan(before)
    await project.lab('mend')
  })
})
