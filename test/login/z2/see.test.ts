import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCount } from '../../../lab/sim/count.ts'
import { clientSecrets, tokens } from '../../../lab/sim/secret.ts'
import type { Sight } from '../../../lib/login/order.ts'
import { fingerprint, newChain, sha256, Z2Place } from './place.ts'

let z2: Z2Place
beforeEach(() => {
  z2 = new Z2Place('monzo')
})
afterEach(() => z2.end())

const see = async (): Promise<Sight> => {
  const reply = await z2.ask({ do: 'see' })
  if (!('token' in reply)) throw new Error(reply.why)
  return reply
}

/** Every file below a folder, with what stands in it and when it was written. */
const everything = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/.lab/count/'))
    .map((path) => `${path} ${statSync(path).mtimeMs} ${sha256(readFileSync(path, 'latin1'))}`)
    .sort()

describe('a look with a login in mind', () => {
  it('tells all that a login must know of a Z2 that is as documented', async () => {
    const text = z2.read(z2.credentialsPath()) ?? ''
    expect(await see()).toEqual({
      now: expect.any(Number),
      uid: expect.any(Number),
      lease: null,
      record: null,
      issued: 0,
      token: {
        state: 'file',
        fingerprint: fingerprint(tokens.monzo.refresh),
        shape: [
          { key: 'access_token', type: 'string', time: null },
          { key: 'expires_at', type: 'number', time: 'seconds' },
          { key: 'refresh_token', type: 'string', time: null },
        ],
      },
      credentials: {
        state: 'file',
        client: fingerprint('oauth2client_simulated_monzo'),
        sha256: sha256(text),
      },
      container: { identity: 'ours', name: 'bulma-finance', running: true, says: null },
      timer: { active: 'active', unitFile: 'enabled', load: 'loaded', next: true },
      service: { active: 'inactive', sub: 'dead', load: 'loaded', since: null },
      folder: { here: true, shared: true, sameFileSystem: true, writable: true, immutable: [] },
      room: { bytes: expect.any(Number), files: expect.any(Number) },
      switchArmed: false,
    })
  })

  it('changes nothing, takes no lock, and asks the container once', async () => {
    const before = everything(z2.place.lab)
    const count = readCount(z2.place).pctExecs
    const held = z2.shell('flock .lab/z2/run/lock/bulma-monzo sleep 5')
    await see()
    expect(readCount(z2.place).pctExecs).toBe(count + 1)
    expect(everything(z2.place.lab).filter((line) => !line.includes('/run/lock/'))).toEqual(before)
    await held
  })

  it('tells no value of any file, whatever it is', async () => {
    const secrets = [tokens.monzo.access, tokens.monzo.refresh, clientSecrets.monzo]
    const { out, err } = await z2.run({ do: 'see' })
    for (const secret of secrets) expect(out + err).not.toContain(secret)
    z2.write(
      z2.tokenPath(),
      JSON.stringify({ refresh_token: 'sesame-1795300000', when: 'sesame', '2026-01-01T00:00': 'sesame' }),
    )
    expect((await z2.run({ do: 'see' })).out).not.toContain('sesame')
  })

  it('tells names, JSON types and forms of moments of a token file of any shape', async () => {
    const odd = {
      refresh_token: 'r',
      a: 1795300000.25,
      b: 1795300000123,
      c: '2026-11-22T07:00:00.123Z',
      d: '1795300000',
      e: 21600,
      f: null,
      g: true,
      h: [1],
      i: { deep: 1 },
      j: '',
      näme: 'x',
    }
    z2.write(z2.tokenPath(), JSON.stringify(odd))
    const { token } = await see()
    expect(token.shape.map(({ key, type, time }) => `${key} ${type} ${time}`)).toEqual([
      'a number seconds',
      'b number milliseconds',
      'c string iso',
      'd string seconds',
      'e number null',
      'f null null',
      'g boolean null',
      'h array null',
      'i object null',
      'j string null',
      'näme string null',
      'refresh_token string null',
    ])
  })

  it.each<[string, (at: string) => void, Sight['token']['state']]>([
    ['no file', () => {}, 'absent'],
    ['a link', (at) => symlinkSync('/etc/passwd', at), 'other'],
    ['a folder', (at) => mkdirSync(at), 'other'],
  ])('%s in the place of the tokens', async (_, plant, state) => {
    rmSync(z2.path(z2.tokenPath()))
    plant(z2.path(z2.tokenPath()))
    expect((await see()).token).toEqual({ state, fingerprint: null, shape: [] })
  })

  it.each([
    ['', 'broken'],
    ['{"refresh_token":', 'broken'],
    ['["refresh_token"]', 'broken'],
    ['{"refresh_token":""}', 'broken'],
    ['{"refresh_token":7}', 'file'],
    [`{"refresh_token":"r","x":"${'x'.repeat(1_100_000)}"}`, 'broken'],
  ])('a token file that holds %.40s', async (text, state) => {
    z2.write(z2.tokenPath(), text)
    expect((await see()).token.state).toBe(state)
  })

  it('a second name of the token file is told', async () => {
    linkSync(z2.path(z2.tokenPath()), z2.path('/root/second'))
    expect((await see()).token.state).toBe('other')
  })

  it('a container that is stopped, another one, or none', async () => {
    z2.world.pct('stop', '109')
    const stopped = await see()
    expect(stopped.container).toEqual({
      identity: 'ours',
      name: 'bulma-finance',
      running: false,
      says: "container '109' not running!",
    })
    expect([stopped.timer.active, stopped.folder.here, stopped.folder.shared]).toEqual([
      'unknown',
      true,
      false,
    ])
    z2.world.pct('set', '109', '-hostname', 'web')
    const count = readCount(z2.place).pctExecs
    expect((await see()).container).toMatchObject({ identity: 'other', name: 'web', running: false })
    expect(readCount(z2.place).pctExecs).toBe(count)
    rmSync(z2.path('/etc/pve'), { recursive: true })
    expect((await see()).container).toMatchObject({ identity: 'absent', name: null, running: false })
  })

  it('a snapshot of another name does not make the container ours', async () => {
    const path = '/etc/pve/nodes/hinata-z2/lxc/109.conf'
    z2.write(path, 'onboot: 1\n[snapshot]\nhostname: bulma-finance\n')
    expect((await see()).container.identity).toBe('other')
  })

  it('a folder that is another one inside, or that CT109 cannot write', async () => {
    z2.world.folder('z2', z2.config.hostDataDir, 0o755)
    expect((await see()).folder).toMatchObject({ shared: true, writable: false })
    z2.world.bind('/root/data/bulma', undefined)
    expect((await see()).folder).toMatchObject({ here: true, shared: false })
    rmSync(z2.path(z2.config.hostDataDir), { recursive: true })
    expect((await see()).folder).toMatchObject({ here: false, shared: false, writable: false })
  })

  it('a poll that runs, since when, and the switch', async () => {
    await z2.stopped()
    z2.world.run('ct109', 'bulma-poll-monzo.service', 30)
    const { service, timer, switchArmed } = await see()
    expect(service).toEqual({
      active: 'activating',
      sub: 'start',
      load: 'loaded',
      since: expect.stringMatching(/ UTC$/),
    })
    expect([timer.active, timer.next, switchArmed]).toEqual(['inactive', false, true])
  })

  it('a commit that was cut short after its rename counts as committed, before that it does not', async () => {
    const stopped = await z2.stopped()
    await z2.ask(newChain(z2, stopped).order)
    const first = (await see()).record
    const pending = { ...first, login: 2 }
    z2.write(`${z2.recordPath()}.new`, `${JSON.stringify(pending)}\n`)
    z2.write(`${z2.staging}/monzo.tokens.new`, 'not renamed')
    expect((await see()).record).toEqual(first)
    rmSync(z2.path(`${z2.staging}/monzo.tokens.new`))
    expect((await see()).record).toEqual(pending)
    rmSync(z2.path(z2.staging), { recursive: true })
    expect(await z2.ask({ do: 'see' })).toEqual({
      broken: 'record',
      why: expect.stringContaining('which is not there'),
    })
    expect(
      await z2.ask({ do: 'take', holder: 'x', pid: 1, login: null, seconds: 9, over: stopped.me }),
    ).toMatchObject({ broken: 'record' })
    expect(JSON.parse(z2.read(`${z2.recordPath()}.new`) ?? '')).toEqual(pending)
  })
})
