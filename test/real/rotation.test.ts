import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveOrder } from '../../lab/bank/control.ts'
import { bankRecord } from '../../lab/bank/record.ts'
import type { Bank } from '../../lib/invariant.ts'
import { newProject, type Project } from '../e2e/project.ts'
import { record } from '../e2e/recorded-state.ts'

// A real poller in a real container refreshes against the simulated banks, over and over: the chain on Z2 is always the
// live one, and nothing drifts because of it. Under both policies of `tokenAccess`.

const rounds = 12
const banks: Bank[] = ['monzo', 'truelayer']

describe.each(['world', 'mapped-owner'])('with tokenAccess %s', (policy) => {
  let project: Project

  beforeAll(async () => {
    project = await newProject()
    await project.run('sed', [
      '-i',
      `s/^config:$/config:\\n  bulma:tokenAccess: ${policy}/`,
      'Pulumi.lab.yaml',
    ])
    await project.lab('up')
    await record(project)
  })
  afterAll(() => project.end())

  const order = (bank: Bank, what: 'expireAccess' | 'liveRefresh'): Promise<unknown> => {
    const { control } = bankRecord.parse(
      JSON.parse(readFileSync(join(project.dir, '.lab/bank.json'), 'utf8')),
    )
    return giveOrder(control, { bank, do: what })
  }
  const onZ2 = async (bank: Bank): Promise<string> =>
    (await project.ssh(`jq -r .refresh_token /mnt/data/hinata/data/bulma/tokens_${bank}.json`)).out.trim()

  it(`${rounds} rotations of both banks leave the live chain on z2, and nothing that drifts`, async () => {
    const chains = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      for (const bank of banks) await order(bank, 'expireAccess')
      const services = banks.map((bank) => `bulma-poll-${bank}.service`).join(' ')
      // systemd allows five starts in ten seconds; reset-failed forgets them.
      const again = `systemctl reset-failed ${services}; systemctl start ${services}`
      const poll = await project.ssh(`pct exec 109 -- sh -c '${again}'`)
      expect(poll.code, poll.err).toBe(0)
      for (const bank of banks) {
        expect(await onZ2(bank)).toBe(await order(bank, 'liveRefresh'))
        chains.add(await onZ2(bank))
      }
      const { code, json } = await project.drift()
      expect([code, json.summary.holds]).toEqual([0, 21])
    }
    expect(chains.size).toBe(rounds * banks.length)
    const log = await project.ssh('tail -4 /mnt/data/hinata/data/bulma/poll-truelayer.log')
    for (const phrase of ['refresh ok', 'transactions', 'credit-accounts.json updated', 'done']) {
      expect(log.out).toContain(phrase)
    }
    expect((await project.preview()).code).toBe(0)
  })
})
