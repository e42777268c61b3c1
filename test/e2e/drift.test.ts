import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readCount, resetCount } from '../../lab/count.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { newProject, type Project } from './project.ts'

// `npm run drift` as a person sees it: text, exit codes, wrong usage. No engine.

let project: Project

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterEach(() => project.lab('mend'))
afterAll(() => project.end())

const drift = (...args: string[]) => project.script('drift', ['--stack', 'lab', ...args])
const untimed = (text: string): string => text.replace(/\d+\.\d s/g, 'N s')

describe('npm run drift', () => {
  it('is one line when everything holds', async () => {
    const { code, out, err } = await drift()
    expect([code, untimed(out), err]).toEqual([0, 'hinata-z2 · ct109 bulma-finance · 21 hold · N s\n', ''])
  })

  it('says of each difference what was seen and wanted, why, where that is written, and what mends it', async () => {
    await project.lab('break', 'timer-disabled-monzo', 'mac-credentials-open-truelayer')
    const { code, out } = await drift()
    expect(code).toBe(4)
    expect(untimed(out)).toBe(`
hinata-z2 · ct109 bulma-finance · looked N s

  ✗ ct109  timer  bulma-poll-monzo.timer
      seen   disabled, inactive
      want   enabled, active, next run within 15 min
      why    transactions stop advancing without it  docs/runbook/monzo.md#timer
  ! mac    credentials file  truelayer_credentials.json
      seen   0644, open to others
      want   client id and secret, 0600
      why    the next login needs it, and nobody else may read it
                                           docs/runbook/truelayer.md#credentials
      next   chmod 600 .lab/home/Sandpit/hinata/data/bulma/truelayer_credentials.json

  19 hold · 1 differs · 1 needs you

    npm run up -- --stack lab          mends it

`)
  })

  it('shows a stopped container once, with a count of what hangs on it', async () => {
    await project.lab('break', 'container-stopped')
    const { code, out } = await drift()
    expect(code).toBe(2)
    expect(out.match(/^ {2}[✗!?]/gm)).toHaveLength(1)
    expect(out).toMatch(/seen {3}stopped, starts on boot\n/)
    expect(out).toMatch(/\d+ others hang on it/)
  })

  it('prints one JSON document of the promised shape', async () => {
    await project.lab('break', 'timer-stopped-truelayer')
    const { code, out } = await drift('--json')
    const json = JSON.parse(out)
    expect(code).toBe(2)
    expect(Object.keys(json)).toEqual(['stack', 'host', 'lookedAt', 'tookMs', 'summary', 'findings'])
    expect(json).toMatchObject({
      stack: 'lab',
      host: 'hinata-z2',
      summary: { holds: 20, differs: 1, needsPerson: 0 },
    })
    expect(
      json.findings.find(({ id }: { id: string }) => id === 'ct109/timer/bulma-poll-truelayer.timer'),
    ).toEqual({
      id: 'ct109/timer/bulma-poll-truelayer.timer',
      place: 'ct109',
      kind: 'timer',
      name: 'bulma-poll-truelayer.timer',
      state: 'differs',
      want: 'enabled, active, next run within 15 min',
      seen: 'enabled, inactive',
      why: 'a report shows £0 without it',
      runbook: 'docs/runbook/truelayer.md#timer',
      next: 'npm run up -- --stack lab',
      cause: null,
    })
  })

  it('has help, and no colour where there is no terminal', async () => {
    const { code, out } = await drift('--help')
    expect(code).toBe(0)
    expect(out).toContain('exit codes')
    expect((await drift()).out).not.toContain('\u001b[')
  })

  it.each([
    [['--nope'], "Unknown option '--nope'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--stack', 'nope'], 'Pulumi.nope.yaml is not there; there are lab and z2'],
    [['--stack', '../x'], 'Pulumi.../x.yaml is not there'],
  ])('refuses %j with 64, and says what would be right', async (args, why) => {
    const { code, out, err } = await project.script('drift', args)
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain(`why:   ${why}`)
    expect(err).toContain('left:  nothing was looked at and nothing was changed')
  })
})

describe('one look', () => {
  it('is one connection, one session and one pct exec', async () => {
    const place = placeAt(project.dir)
    // The look before left a connection that lives for a minute; its own socket is how ssh is told to end it.
    await project.run('ssh', [
      '-F',
      '.lab/ssh_config',
      '-o',
      'ControlPath=~/.ssh/bulma-%C',
      '-O',
      'exit',
      'hinata-z2',
    ])
    resetCount(place)
    await drift()
    expect(readCount(place)).toMatchObject({ connections: 1, sessions: 1, pctExecs: 1 })
    await drift()
    expect(readCount(place)).toMatchObject({ connections: 1, sessions: 2, pctExecs: 2 })
  })

  it('changes nothing on Z2', async () => {
    const listing = () =>
      project.ssh("find .lab/z2 .lab/ct109 -printf '%p %m %T@ %s\\n' | grep -v /run/sim/ | sort")
    const before = await listing()
    await drift()
    expect((await listing()).out).toBe(before.out)
  })

  it('is the same for a folder with spaces and quotes in its name', async () => {
    const odd = String.raw`/mnt/data/it's a \"test\" $(touch .lab/pwned)`
    const lab = readFileSync(join(project.dir, 'Pulumi.lab.yaml'), 'utf8')
    const text = lab.replace('config:\n', () => `config:\n  bulma:hostDataDir: "${odd}"\n`)
    writeFileSync(join(project.dir, 'Pulumi.odd.yaml'), text)
    const { code, out } = await project.script('drift', ['--stack', 'odd'])
    expect(code).toBe(4)
    expect(out).toContain('seen   absent')
    expect((await project.ssh('ls .lab/pwned')).code).not.toBe(0)
  })
})
