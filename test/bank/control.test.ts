import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { bankCommand } from '../../lab/bank/command.ts'
import { giveOrder } from '../../lab/bank/control.ts'
import { fingerprint } from '../../lab/bank/token.ts'
import { Problem } from '../../lib/problem.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'
import { type BankPlace, bankPlace, get, postJson } from './bank-place.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})
async function started(options = {}): Promise<BankPlace> {
  const place = await bankPlace(options)
  open.push(place.close)
  return place
}

describe('the audit', () => {
  it('tells exchange, refresh, eviction, refusals and approval in their order, without a secret', async () => {
    const place = await started()
    const { json } = await place.exchange('monzo', place.codeOf(await place.browse('monzo')))
    const used = json.refresh_token as string
    await place.refresh('monzo', used)
    await place.refresh('monzo', used)
    await get(place.url('monzo', '/accounts'), json.access_token as string)
    place.banks.monzo.login()
    place.banks.monzo.approve()
    const audit = place.banks.monzo.audit()
    expect(audit.map(({ event }) => event)).toEqual([
      'login',
      'exchange',
      'refresh',
      'refresh-refused',
      'unauthorised',
      'evicted',
      'exchange',
      'approved',
    ])
    expect(audit[2]).toMatchObject({ chain: 'chain-1', used: fingerprint(used), issued: audit[5]?.used })
    for (const text of [audit, place.banks.monzo.state(), place.banks.truelayer.state()])
      expect(JSON.stringify(text)).not.toContain('simulated-')
  })
})

describe('the control endpoint', () => {
  it('does what the methods do', async () => {
    // The age of a consent is told to the millisecond: the two answers must be of the same one.
    const at = Date.now()
    const { banks } = await started({ now: () => at })
    const ask = (order: Parameters<typeof giveOrder>[1]) => giveOrder(banks.control, order)
    const file = (await ask({ bank: 'truelayer', do: 'login', terms: { daysOld: 10 } })) as {
      refresh_token: string
    }
    expect(banks.truelayer.isLive(file.refresh_token)).toBe(true)
    expect(await ask({ bank: 'truelayer', do: 'liveRefresh' })).toBe(file.refresh_token)
    expect(await ask({ bank: 'monzo', do: 'knob', knobs: { approve: 'never' } })).toMatchObject({
      approve: 'never',
    })
    await ask({ bank: 'truelayer', do: 'age', days: 91 })
    expect(await ask({ bank: 'truelayer', do: 'state' })).toEqual(
      JSON.parse(JSON.stringify(banks.truelayer.state())),
    )
    await ask({ bank: 'truelayer', do: 'killRefresh' })
    expect(await ask({ bank: 'truelayer', do: 'isLive', refreshToken: file.refresh_token })).toBe(false)
    await expect(ask({ bank: 'monzo', do: 'knob', knobs: { aprove: 1 } })).rejects.toThrow(
      'the simulated bank refuses',
    )
  })

  it('is closed without its token', async () => {
    const { banks } = await started()
    const wrong = await postJson(
      banks.control.url,
      { bank: 'monzo', do: 'state' },
      { authorization: `Bearer ${'0'.repeat(48)}` },
    )
    expect(wrong.status).toBe(401)
    expect((await postJson(banks.control.url, { bank: 'monzo', do: 'state' })).status).toBe(401)
    expect(banks.control.token).toMatch(/^[0-9a-f]{48}$/)
  })

  it('is not on the addresses of the banks', async () => {
    const { banks, url } = await started()
    expect(new Set([url('monzo'), url('truelayer'), banks.control.url]).size).toBe(3)
  })

  it('a command line drives it', async () => {
    const { banks } = await started()
    const run = (line: string): Promise<string> =>
      bankCommand(
        line.split(' ').filter((word) => word !== ''),
        banks.control,
      )
    expect(JSON.parse(await run('--json'))).toMatchObject([{ bank: 'monzo' }, { bank: 'truelayer' }])
    expect(JSON.parse(await run('monzo --json'))).toMatchObject({ bank: 'monzo', chains: [] })
    banks.monzo.login()
    expect(await run('monzo approve')).toBe('approved')
    expect(await run('monzo approve')).toBe('no login waits for an approval')
    await run('monzo set approve=never windowMs=0')
    expect(banks.monzo.state().knobs).toMatchObject({ approve: 'never', windowMs: 0 })
    await run('truelayer trouble provider_error on=data times=2')
    expect(banks.truelayer.state().knobs.trouble).toEqual([{ how: 'provider_error', on: 'data', times: 2 }])
    await run('truelayer calm')
    expect(banks.truelayer.state().knobs.trouble).toEqual([])
    await run('monzo kill evicted')
    expect(banks.monzo.state().chains[0]?.over).toBe('evicted')
    expect(await run('--help')).toContain('lab -- bank')
    for (const line of [
      'monzo register x',
      'monzo register',
      'santander',
      'monzo dance',
      'monzo set x',
      'monzo age old',
      'monzo trouble html502',
    ])
      await expect(run(line)).rejects.toThrow(Problem)
  })
})

describe('a redirect URI', () => {
  const other = 'http://localhost:5055/monzo/callback'

  it('that was registered is as good as the usual ones, letter for letter, and stays so', async () => {
    const { banks, browse, codeOf, exchange } = await started()
    expect(
      (
        await get(
          `${banks.monzo.url()}/?${new URLSearchParams({ client_id: banks.monzo.client.id, response_type: 'code', redirect_uri: other })}`,
        )
      ).status,
    ).toBe(400)
    expect(await giveOrder(banks.control, { bank: 'monzo', do: 'register', redirectUri: other })).toContain(
      other,
    )
    banks.monzo.reset()
    const reply = await browse('monzo', { redirect_uri: other })
    expect(reply.headers.get('location')).toMatch(/^http:\/\/localhost:5055\/monzo\/callback\?/)
    expect((await exchange('monzo', codeOf(reply), { redirect_uri: other })).status).toBe(200)
    expect(
      (
        await get(
          `${banks.monzo.url()}/?${new URLSearchParams({ client_id: banks.monzo.client.id, response_type: 'code', redirect_uri: `${other}/` })}`,
        )
      ).status,
    ).toBe(400)
    expect(banks.truelayer.state().redirectUris).toHaveLength(2)
  })
})

describe('a bank that is restarted', () => {
  const stateFile = (): string => {
    const folder = temporaryFolder('bank-state')
    open.unshift(() => rmSync(folder, { recursive: true }))
    return join(folder, 'banks.json')
  }

  it('knows every chain, what is spent, and its knobs', async () => {
    const file = stateFile()
    const first = await bankPlace({ stateFile: file })
    const { refresh_token } = first.banks.monzo.login({ approved: true })
    const next = (await first.refresh('monzo', refresh_token)).json as {
      refresh_token: string
      access_token: string
    }
    first.banks.monzo.knob({ windowMs: 1, trouble: [{ how: '429', on: 'data', times: 1 }] })
    await first.close()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.new`)).toBe(false)

    const second = await started({ stateFile: file })
    expect(second.banks.monzo.state().knobs.windowMs).toBe(1)
    expect((await get(second.url('monzo', '/accounts'), next.access_token)).status).toBe(429)
    expect((await get(second.url('monzo', '/accounts'), next.access_token)).status).toBe(200)
    expect((await second.refresh('monzo', refresh_token)).json.code).toBe('unauthorized.bad_refresh_token')
    expect((await second.refresh('monzo', next.refresh_token)).status).toBe(200)
    expect(second.banks.monzo.audit().map(({ event }) => event)).toContain('exchange')
  })

  it('has saved a rotation before the client hears of it', async () => {
    const file = stateFile()
    const { banks, refresh } = await started({ stateFile: file })
    const { refresh_token } = banks.monzo.login()
    banks.monzo.knob({ trouble: [{ how: 'dropConnectionAfterProcessing' }] })
    await expect(refresh('monzo', refresh_token)).rejects.toThrow()
    expect(readFileSync(file, 'utf8')).toContain(banks.monzo.liveRefresh())
  })

  it('refuses a file that is not its own', async () => {
    const file = stateFile()
    writeFileSync(file, '{"other": true}')
    await expect(bankPlace({ stateFile: file })).rejects.toThrow()
  })
})

describe('the labs', () => {
  it('the tokens that a folder holds already become a live chain', async () => {
    const { banks, refresh } = await started()
    const file = {
      access_token: 'simulated-access-token-of-before',
      refresh_token: 'simulated-refresh-token-of-before',
      expires_at: 1,
    }
    banks.monzo.adopt(file)
    const { status, json } = await refresh('monzo', file.refresh_token)
    expect(status).toBe(200)
    expect((await get(`${banks.monzo.url()}/accounts`, json.access_token as string)).status).toBe(200)
  })

  it('a TrueLayer file brings the age of its consent along', async () => {
    const { banks } = await started()
    const full_auth_at = Math.floor(Date.now() / 1000) - 87 * 86_400
    banks.truelayer.adopt({ access_token: 'access', refresh_token: 'refresh', expires_at: 1, full_auth_at })
    expect(banks.truelayer.state().chains[0]?.consentDays).toBe(87)
  })

  it('two pairs of banks run beside each other; a port that is taken is an error', async () => {
    const { banks } = await started()
    await started()
    const monzoPort = Number(new URL(banks.monzo.url()).port)
    await expect(bankPlace({ monzoPort })).rejects.toThrow('EADDRINUSE')
  })

  it('tokens are the same in every run when their tails are', async () => {
    const tails = () => {
      let number = 0
      return () => String(++number).padStart(32, '0')
    }
    const [one, other] = await Promise.all([started({ tail: tails() }), started({ tail: tails() })])
    expect(one.banks.monzo.login().refresh_token).toBe(other.banks.monzo.login().refresh_token)
  })
})
