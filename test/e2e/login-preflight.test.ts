import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { banks, dataFolder, type LoginPlace, loginPlace } from './login-place.ts'

// What is asked and tried before any browser opens: a login that nobody confirmed, or that could not be brought to ct109, is
// not begun, and nothing changes.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace()
})
afterEach(() => place.project.lab('mend'))
afterAll(() => place.end())

/** Runs it, answers what it asks, and looks at everything before and after. */
async function untouched(bank: Bank, flags: string[], ...answer: [] | [RegExp, string]) {
  const before = await place.state()
  const person = place.person('reauth', bank, ...flags)
  if (answer.length > 0) await person.answers(...(answer as [RegExp, string]))
  const code = await person.end()
  expect(person.shown).not.toContain('response_type=code')
  place.sameState(before, await place.state())
  return { code, shown: person.shown }
}

describe('--anyway', () => {
  const question = /end the chain that ct109 holds all the same\? type yes to go on/

  it.each(['', 'no', 'y'])(
    'over a Monzo chain that lives asks once more, and "%s" is a no',
    async (answer) => {
      const { code, shown } = await untouched('monzo', ['--anyway'], question, answer)
      expect([code, shown]).toEqual([4, expect.stringContaining('the question was not answered with yes')])
    },
  )

  it('over a Monzo chain that lives needs a terminal', async () => {
    const before = await place.state()
    const { code, err } = await place.run('reauth', 'monzo', '--anyway')
    expect([code, err]).toEqual([4, expect.stringContaining('this is not a terminal')])
    place.sameState(before, await place.state())
  })

  it('goes on after a yes, and a Ctrl-C then still leaves the chain as it was', async () => {
    const person = place.person('reauth', 'monzo', '--anyway')
    await person.answers(question, 'yes')
    await person.address()
    person.interrupts()
    expect(await person.end()).toBe(130)
    expect(await place.isLive('monzo')).toBe(true)
  })

  it('is enough at TrueLayer, where a login ends no other', async () => {
    const person = place.person('reauth', 'truelayer', '--anyway')
    await person.address()
    expect(person.shown).not.toContain('type yes')
    person.interrupts()
    expect(await person.end()).toBe(130)
    expect(await place.isLive('truelayer')).toBe(true)
  })
})

describe('before any browser opens', () => {
  const dead = async (bank: Bank, ...faults: string[]): Promise<void> =>
    place.project.lab('break', `poll-dead-${bank}`, ...faults)

  it.each(banks)('%s: credentials that are not there are asked for, with their form', async (bank) => {
    await dead(bank, `mac-credentials-absent-${bank}`)
    const { code, shown } = await untouched(bank, [])
    expect(code, shown).toBe(4)
    expect(shown).toContain(`${bank}_credentials.json is absent`)
    expect(shown).toMatch(/client_id.*client_secret/s)
  })

  it.each(banks)('%s: credentials that others can read are not used', async (bank) => {
    await dead(bank, `mac-credentials-open-${bank}`)
    const { code, shown } = await untouched(bank, [])
    expect([code, shown]).toEqual([4, expect.stringContaining('chmod 600')])
  })

  it('another client than the one that ct109 uses is asked about', async () => {
    await dead('monzo', 'credentials-absent')
    const path = `${dataFolder}/monzo_credentials.json`
    const other = JSON.stringify({ client_id: 'oauth2client_other', client_secret: 'mnzconf.other' })
    await place.writeZ2(path, other)
    const { code, shown } = await untouched(
      'monzo',
      [],
      /replace the client that ct109 uses\? type yes/,
      'no',
    )
    expect([code, shown]).toEqual([
      4,
      expect.stringContaining('nothing was changed, and no browser was opened'),
    ])
    const piped = await place.run('reauth', 'monzo', ...place.way('monzo'))
    expect([piped.code, piped.err]).toEqual([4, expect.stringContaining('this is not a terminal')])
    expect(await place.onZ2(path)).toBe(other)
  })

  it.each(banks)('%s: a port that another program has is named, with the way around it', async (bank) => {
    await dead(bank)
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(place.port, '127.0.0.1', resolve))
    const { code, shown } = await untouched(bank, [])
    expect(code, shown).toBe(1)
    expect(shown).toContain(`error: port ${place.port} is in use`)
    expect(shown).toMatch(new RegExp(`--port (\\d+) --redirect-uri http://localhost:\\1/${bank}/callback`))
  })

  it('a redirect URI that is not known stops it with what to set', async () => {
    await dead('monzo')
    const { code, shown } = await untouched('monzo', ['--port', '5001'])
    expect([code, shown]).toEqual([64, expect.stringContaining('--redirect-uri')])
  })

  it.each([
    ['bind-mount-unmounted', /ct109 does not see|bind mount|not as documented/],
    ['token-folder-monzo', /no regular file|not a regular file/],
    ['timer-absent-monzo', /timer/],
    ['host-mount-missing', /not a folder on z2|not mounted|does not see|not as documented/],
  ])('monzo: %s: a login that could not be brought there is not begun', async (fault, why) => {
    await dead('monzo', fault)
    const { code, shown } = await untouched('monzo', ['--anyway', '--yes'])
    expect([code === 0, shown]).toEqual([false, expect.stringMatching(why)])
  })
})
