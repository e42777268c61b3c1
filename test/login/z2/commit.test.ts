import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Me } from '../../../lib/login/order.ts'
import { account, type Commit, callsOf, fingerprint, mishap, newChain, sha256, Z2Place } from './place.ts'

let z2: Z2Place
let stopped: { me: Me; before: string | null }
let old: { tokens: string | null; credentials: string | null }

const build = async (settings: Record<string, unknown> = {}): Promise<void> => {
  z2 = new Z2Place('monzo', settings)
  stopped = await z2.stopped()
  old = { tokens: z2.read(z2.tokenPath()), credentials: z2.read(z2.credentialsPath()) }
}
beforeEach(() => build())
afterEach(() => z2.end())

/** Nothing was put in place and nothing was recorded. */
function expectUntouched(): void {
  expect(z2.read(z2.tokenPath())).toBe(old.tokens)
  expect(z2.read(z2.credentialsPath())).toBe(old.credentials)
  expect(z2.read(z2.recordPath())).toBeNull()
  expect(z2.read(`${z2.recordPath()}.new`)).toBeNull()
}

const mode = async (path: string): Promise<string> =>
  (await z2.shell(`stat -c %a .lab/z2${path}; perl -e 'print join ":", (stat shift)[4, 5]' .lab/z2${path}`))
    .out

describe('a commit puts a new chain in place', () => {
  it('with its credentials, the record and nothing else, and says what it recorded', async () => {
    const { order, tokens, credentials, refresh } = newChain(z2, stopped)
    const record = {
      login: 1,
      refresh,
      account,
      loggedInAt: 1_795_300_000,
      consentEnd: null,
      committedAt: expect.any(Number),
    }
    expect(await z2.ask(order)).toEqual({ done: true, already: false, record })
    expect(z2.read(z2.tokenPath())).toBe(tokens)
    expect(z2.read(z2.credentialsPath())).toBe(credentials)
    expect(JSON.parse(z2.read(z2.recordPath()) ?? '')).toEqual(record)
    expect(await mode(z2.recordPath())).toBe('600\n0:0')
    expect(readdirSync(z2.path(z2.staging))).toEqual([])
    expect(readdirSync(z2.path(z2.config.hostDataDir)).sort()).toEqual(
      expect.not.arrayContaining([expect.stringContaining('.new')]),
    )
  })

  it('asked again it does nothing more and says so', async () => {
    const { order, tokens } = newChain(z2, stopped)
    const first = await z2.ask(order)
    expect(await z2.ask(order)).toEqual({ ...first, already: true })
    expect(await callsOf(z2, order)).not.toContainEqual(expect.stringMatching(/^(rename|create)/))
    expect(z2.read(z2.tokenPath())).toBe(tokens)
  })

  it('asked again after CT109 has rotated the chain it leaves that alone', async () => {
    const { order, refresh } = newChain(z2, stopped)
    await z2.ask(order)
    z2.write(z2.tokenPath(), '{"refresh_token":"rotated"}\n')
    expect(await z2.ask(order)).toMatchObject({ done: true, already: true, record: { refresh } })
    expect(z2.read(z2.tokenPath())).toBe('{"refresh_token":"rotated"}\n')
  })

  it('credentials that have not changed are skipped, and need no upload', async () => {
    const { order, tokens } = newChain(z2, stopped, { credentials: old.credentials })
    rmSync(z2.path(`${z2.staging}/monzo.credentials`))
    const calls = await callsOf(z2, order)
    expect(calls.filter((call) => call.includes('credentials') && call.startsWith('rename'))).toEqual([])
    expect(z2.read(z2.tokenPath())).toBe(tokens)
  })

  it('credentials come first, and everything is on disk before the first of them is renamed', async () => {
    const { order } = newChain(z2, stopped)
    const calls = await callsOf(z2, order)
    const [staging, data, state] = [z2.staging, z2.config.hostDataDir, '/var/lib/bulma-infra']
    const steps = [
      `sync ${staging}/monzo.credentials.new`,
      `sync ${staging}/monzo.tokens.new`,
      `sync ${staging}`,
      `create ${state}/monzo.json.new`,
      `sync ${state}/monzo.json.new`,
      `sync ${state}`,
      `rename ${staging}/monzo.credentials.new ${data}/monzo_credentials.json`,
      `rename ${staging}/monzo.tokens.new ${data}/tokens_monzo.json`,
      `rename ${state}/monzo.json.new ${state}/monzo.json`,
    ]
    const places = steps.map((step) => calls.indexOf(step))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    const after = calls.slice(calls.indexOf(steps[7] ?? '') + 1)
    expect(after.slice(0, 2)).toEqual([`sync ${data}`, `sync ${staging}`])
    expect(after[3]).toBe(`sync ${state}`)
  })

  it('tokens that are there already, by whatever way, only get their record', async () => {
    const { order, tokens, refresh } = newChain(z2, stopped, { credentials: null })
    z2.write(z2.tokenPath(), tokens)
    rmSync(z2.path(`${z2.staging}/monzo.tokens`))
    expect(await z2.ask(order)).toMatchObject({ done: true, already: true, record: { login: 1, refresh } })
    expect(JSON.parse(z2.read(z2.recordPath()) ?? '')).toMatchObject({ login: 1, refresh })
  })

  it('on a Z2 that has no token file, or a broken one', async () => {
    for (const text of [null, '{"access_token":']) {
      if (text === null) rmSync(z2.path(z2.tokenPath()))
      else z2.write(z2.tokenPath(), text)
      stopped = await z2.stopped()
      expect(stopped.before).toBeNull()
      const { order, tokens } = newChain(z2, stopped)
      expect(await z2.ask({ ...order, carry: true })).toMatchObject({ done: true, already: false })
      expect(z2.read(z2.tokenPath())).toBe(tokens)
    }
  })

  it('with tokenAccess world everybody may read and write the tokens, and read the credentials', async () => {
    await z2.ask(newChain(z2, stopped).order)
    expect(await mode(z2.tokenPath())).toBe('606\n0:0')
    expect(await mode(z2.credentialsPath())).toBe('604\n0:0')
  })

  it("with tokenAccess mapped-owner they are the container's mapped root's alone", async () => {
    z2.end()
    await build({ tokenAccess: 'mapped-owner' })
    z2.world.write('ct109', '/proc/self/uid_map', '         0     165536      65536\n')
    await z2.ask(newChain(z2, stopped).order)
    expect(await mode(z2.tokenPath())).toBe('600\n165536:165536')
    expect(await mode(z2.credentialsPath())).toBe('600\n165536:165536')
  })

  it('for TrueLayer, which has its credentials on the Mac only', async () => {
    z2.end()
    z2 = new Z2Place('truelayer')
    stopped = await z2.stopped()
    const { order, tokens } = newChain(z2, stopped, { credentials: null })
    const dated: Commit = { ...order, record: { ...order.record, consentEnd: 1_803_000_000 } }
    expect(await z2.ask(dated)).toMatchObject({ done: true, record: { consentEnd: 1_803_000_000 } })
    expect(z2.read(z2.tokenPath())).toBe(tokens)
  })
})

describe('a commit that is refused renames nothing', () => {
  const refused = async (order: Commit, no: string, says?: RegExp): Promise<void> => {
    const log = join(z2.checkout, 'calls')
    const reply = await z2.ask(order, mishap({ log }))
    expect(reply).toMatchObject({ done: false, no })
    expect(existsSync(log), `${no}: not even a file was made`).toBe(false)
    if (says) expect(reply).toMatchObject({ says: expect.stringMatching(says) })
    expectUntouched()
  }

  it('without the lease', async () => {
    const { order } = newChain(z2, stopped)
    const { me } = stopped
    await refused({ ...order, me: { ...me, login: 9 } }, 'lease')
    await refused({ ...order, me: { ...me, pid: 9 } }, 'lease')
    await refused({ ...order, me: { ...me, holder: 'x' } }, 'lease', /nnamdi@mac's, pid 4242, login 1/)
    rmSync(z2.path(z2.leasePath()))
    await refused(order, 'lease', /there is no lease/)
  })

  it('without an armed switch', async () => {
    await z2.shell('systemctl stop bulma-reauth-monzo.timer')
    await refused(newChain(z2, stopped).order, 'switch')
  })

  it('with a poll timer that runs, and with a poll that runs', async () => {
    const { order } = newChain(z2, stopped)
    await z2.shell('pct exec 109 -- systemctl start bulma-poll-monzo.timer')
    await refused(order, 'busy', /bulma-poll-monzo\.timer is active/)
    await z2.shell('pct exec 109 -- systemctl stop bulma-poll-monzo.timer')
    z2.world.run('ct109', 'bulma-poll-monzo.service', 30)
    await refused(order, 'busy', /bulma-poll-monzo\.service is activating/)
  })

  it('when the chain on Z2 has changed since the stop', async () => {
    const { order } = newChain(z2, stopped)
    await refused({ ...order, before: fingerprint('another') }, 'rotated')
    await refused({ ...order, before: null }, 'rotated')
  })

  it('when it changes at the very last moment', async () => {
    const { order } = newChain(z2, stopped)
    const calls = await callsOf(z2, order)
    z2.end()
    await build()
    const again = newChain(z2, stopped)
    z2.write('/root/rotated', '{"refresh_token":"rotated"}\n')
    const at = calls.findIndex((call) => call.startsWith('create') && call.endsWith('monzo.json.new')) + 1
    const how = `swap ${z2.path('/root/rotated')} ${z2.path(z2.tokenPath())}`
    expect(await z2.ask(again.order, mishap({ at, how }))).toMatchObject({ done: false, no: 'rotated' })
    expect(z2.read(z2.tokenPath())).toBe('{"refresh_token":"rotated"}\n')
    expect(z2.read(z2.credentialsPath())).toBe(old.credentials)
    expect(z2.read(z2.recordPath())).toBeNull()
    expect(readdirSync(z2.path('/var/lib/bulma-infra'))).toEqual(['monzo.login'])
  })

  it('when what was uploaded is not what was sent, or not there', async () => {
    const { order, tokens } = newChain(z2, stopped)
    z2.stage('tokens', tokens.replace('new-access', 'old-access'))
    await refused(order, 'upload')
    z2.stage('tokens', tokens.slice(0, -9))
    await refused(order, 'upload')
    const cut = tokens.slice(0, -9)
    const short = {
      ...order,
      files: [{ kind: 'tokens' as const, name: 'tokens_monzo.json', sha256: sha256(cut) }],
    }
    await refused(short, 'upload', /not JSON/)
    rmSync(z2.path(`${z2.staging}/monzo.tokens`))
    await refused(order, 'upload')
    await refused({ ...order, files: [] }, 'upload', /no tokens/)
    const passwd = { ...order, files: [{ ...order.files[0], name: '../passwd' }] } as Commit
    await refused(passwd, 'upload', /no file of monzo/)
  })

  it('when the upload holds another refresh token than was announced', async () => {
    const { order } = newChain(z2, stopped)
    const wrong = { ...order.record, refresh: fingerprint('announced') }
    await refused({ ...order, record: wrong }, 'upload', /another refresh token/)
  })

  it('when the upload is a link or has a second name', async () => {
    const { order, tokens } = newChain(z2, stopped)
    const upload = z2.path(`${z2.staging}/monzo.tokens`)
    writeFileSync(z2.path('/root/elsewhere'), tokens)
    rmSync(upload)
    symlinkSync(z2.path('/root/elsewhere'), upload)
    await refused(order, 'upload')
    rmSync(upload)
    linkSync(z2.path('/root/elsewhere'), upload)
    await refused(order, 'upload')
  })

  it('when what is to be recorded is no record', async () => {
    const { order } = newChain(z2, stopped)
    await refused({ ...order, record: { ...order.record, account: ['nnamdi'] } }, 'other', /not a record/)
  })

  it('when a later login is on Z2, or another token of the same login', async () => {
    const record = { ...newChain(z2, stopped).order.record, login: 1, committedAt: 1 }
    z2.write(z2.recordPath(), `${JSON.stringify({ ...record, login: 2 })}\n`)
    const { order } = newChain(z2, stopped)
    for (const changes of [{ login: 2 }, { refresh: fingerprint('another') }]) {
      z2.write(z2.recordPath(), `${JSON.stringify({ ...record, ...changes })}\n`)
      expect(await z2.ask(order)).toMatchObject({ done: false, no: 'older' })
      expect(z2.read(z2.tokenPath())).toBe(old.tokens)
    }
  })

  it('when the record cannot be read, which stays as it is', async () => {
    z2.write(z2.recordPath(), '{"login":')
    expect(await z2.ask(newChain(z2, stopped).order)).toMatchObject({
      done: false,
      no: 'other',
      says: expect.stringContaining('monzo.json is not a record'),
    })
    expect(z2.read(z2.recordPath())).toBe('{"login":')
    expect(z2.read(z2.tokenPath())).toBe(old.tokens)
  })

  it('when the container is stopped, is another one, or does not answer', async () => {
    const { order } = newChain(z2, stopped)
    z2.world.pct('stop', '109')
    await refused(order, 'other', /container '109' not running/)
    z2.world.pct('start', '109')
    await z2.shell('pct exec 109 -- systemctl stop bulma-poll-monzo.timer')
    z2.world.pct('set', '109', '-hostname', 'web')
    const before = await z2.shell('wc -c <.lab/count/pct-exec')
    await refused(order, 'other', /container 109 is not bulma-finance/)
    expect((await z2.shell('wc -c <.lab/count/pct-exec')).out).toBe(before.out)
    z2.world.pct('set', '109', '-hostname', 'bulma-finance')
    z2.world.turn('pct-hangs', true)
    const began = performance.now()
    await refused(order, 'other', /pct exec did not answer in time/)
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('when the container sees another folder', async () => {
    z2.world.bind('/root/data/bulma', undefined)
    await refused(newChain(z2, stopped).order, 'other', /sees another folder/)
  })
})

describe('what the container could plant', () => {
  const outside = (): string => z2.path('/root/outside')
  const plants: [string, (at: string) => void][] = [
    ['a link to a file', (at) => symlinkSync(outside(), at)],
    ['a link to nothing', (at) => symlinkSync(`${outside()}-not`, at)],
    ['a second name of a file', (at) => linkSync(outside(), at)],
    ['a folder', (at) => mkdirSync(at)],
  ]

  it.each(
    plants.flatMap(([name, plant]) =>
      (['token', 'credentials'] as const).map((which) => [name, which, plant] as const),
    ),
  )('%s in the place of the %s file is refused, and nothing outside is touched', async (_, which, plant) => {
    writeFileSync(outside(), 'precious', { mode: 0o600 })
    const at = which === 'token' ? z2.tokenPath() : z2.credentialsPath()
    const otherPath = which === 'token' ? z2.credentialsPath() : z2.tokenPath()
    const other = z2.read(otherPath)
    rmSync(z2.path(at))
    plant(z2.path(at))
    const names = readdirSync(z2.path('/root'))
    const { order } = newChain(z2, stopped)
    const commit = which === 'token' ? { ...order, before: null } : order
    expect(await z2.ask(commit)).toMatchObject({ done: false, no: 'link' })
    expect(z2.read(otherPath)).toBe(other)
    expect(z2.read(z2.recordPath())).toBeNull()
    expect(readFileSync(outside(), 'utf8')).toBe('precious')
    expect(await mode('/root/outside')).toBe('600\n0:0')
    expect(readdirSync(z2.path('/root'))).toEqual(names)
    expect(readdirSync(z2.path(z2.staging)).sort()).toEqual(['monzo.credentials', 'monzo.tokens'])
  })

  it('is planted while the commit goes on: nothing outside is touched either', async () => {
    writeFileSync(outside(), 'precious', { mode: 0o600 })
    const { order } = newChain(z2, stopped)
    const stop = new AbortController()
    const plant = (async () => {
      while (!stop.signal.aborted) {
        rmSync(z2.path(z2.tokenPath()), { recursive: true, force: true })
        symlinkSync(outside(), z2.path(z2.tokenPath()))
        await new Promise((done) => setTimeout(done, 1))
      }
    })()
    for (let round = 0; round < 4; round += 1) await z2.ask({ ...order, before: null })
    stop.abort()
    await plant
    expect(readFileSync(outside(), 'utf8')).toBe('precious')
    expect(await mode('/root/outside')).toBe('600\n0:0')
  })
})

describe('a disk that takes nothing', () => {
  it.each([
    ['ENOSPC', 1],
    ['EROFS', 5],
  ])('%s at any call of a commit leaves one whole chain and the truth about it', async (error, step) => {
    const { order } = newChain(z2, stopped)
    const calls = await callsOf(z2, order)
    // what comes after the record's rename and its flush is tidying up
    const last = calls.findLastIndex((call) => call.startsWith('rename')) + 2
    // every round is a new login
    for (let at = 1; at <= calls.length; at += step) {
      const was = { tokens: z2.read(z2.tokenPath()), credentials: z2.read(z2.credentialsPath()) }
      const { holder, pid, login } = await z2.take()
      const sight = await z2.ask({ do: 'see' })
      if (!('token' in sight)) throw new Error(sight.why)
      const chain = newChain(z2, { me: { holder, pid, login }, before: sight.token.fingerprint })
      const reply = await z2.ask(chain.order, mishap({ at, how: error }))
      const where = `${calls[at - 1]}: ${JSON.stringify(reply)}`
      const left = z2.read(z2.tokenPath())
      expect([was.tokens, chain.tokens], where).toContain(left)
      expect(reply.done, where).toBe(at > last)
      if (!reply.done)
        expect(reply, where).toMatchObject({
          no: 'disk',
          says: expect.stringMatching(/cannot|device|system|error/i),
        })
      const now = await z2.ask({ do: 'see' })
      expect('record' in now && now.record?.login === login, where).toBe(left === chain.tokens)
      expect(await z2.ask(chain.order), where).toMatchObject({ done: true })
      expect(z2.read(z2.tokenPath()), where).toBe(chain.tokens)
    }
  })
})
