import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { repairText } from '../../lib/io/repair-text.ts'
import { readStackConfig } from '../../lib/io/stack-file.ts'
import { resources } from '../../lib/resource.ts'
import { declare } from '../../stacks/declaration.ts'
import { clearLogins, plantJournal, plantLease } from './login-note.ts'
import { type Project, recordedProject } from './project.ts'

// While somebody logs in at a bank, `up` leaves that bank's timer and files alone, and everything else it repairs.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterEach(async () => {
  await project.lab('mend')
  await clearLogins(project)
})
afterAll(() => project.end())

const timer = (bank: string): string => `ct109/timer/bulma-poll-${bank}.timer`
const monzoTimer = timer('monzo')
const isActive = async (bank: string): Promise<string> =>
  (await project.ssh(`pct exec 109 -- systemctl is-active bulma-poll-${bank}.timer`)).out.trim()
const modeOf = async (name: string): Promise<string> =>
  (await project.ssh(`stat -c %a .lab/z2/mnt/data/hinata/data/bulma/${name}`)).out.trim()

const faults = [
  'timer-stopped-monzo',
  'token-unreadable-monzo',
  'credentials-unreadable',
  'timer-stopped-truelayer',
  'legacy-morning',
]
const monzoIds = [monzoTimer, 'z2/token-file/tokens_monzo.json', 'z2/credentials-file/monzo_credentials.json']

describe('a lease that is held', () => {
  it('keeps up from that bank, whose findings say who it is, and from nothing else', async () => {
    await project.lab('break', ...faults)
    await plantLease(project, 'monzo', 300)
    const { code, json } = await project.drift()
    expect([code, json.summary.needsPerson, json.summary.differs]).toEqual([4, 3, 3])
    for (const id of monzoIds) {
      const finding = json.findings.find((one) => one.id === id)
      expect(finding?.state).toBe('needs-person')
      expect(finding?.seen).toMatch(/; reauth by nnamdi@mac since \d\d:\d\d$/)
    }
    const modes = [await modeOf('tokens_monzo.json'), await modeOf('monzo_credentials.json')]
    const up = await project.up()
    expect(up.code).not.toBe(0)
    expect(up.mended).toEqual([
      timer('truelayer'),
      'z2/legacy-unit/hinata-poll-truelayer-morning.service',
      'z2/legacy-unit/hinata-poll-truelayer-morning.timer',
    ])
    expect(up.out).toMatch(/enabled, inactive; reauth by nnamdi@mac since \d\d:\d\d/)
    expect([await isActive('monzo'), await isActive('truelayer')]).toEqual(['inactive', 'active'])
    expect([await modeOf('tokens_monzo.json'), await modeOf('monzo_credentials.json')]).toEqual(modes)
    expect(await project.off()).toEqual(monzoIds)

    await clearLogins(project)
    const after = await project.up()
    expect([after.code, after.mended]).toEqual([0, [...monzoIds].sort()])
    expect((await project.preview()).changed).toEqual([])
  })

  it('is told by preview, and a bank in which nothing differs stays out of it', async () => {
    await project.lab('break', 'timer-stopped-monzo')
    await plantLease(project, 'monzo', 300)
    await plantLease(project, 'truelayer', 300)
    const { code, changed, says } = await project.preview()
    expect([code, changed]).toEqual([7, [monzoTimer]])
    expect(says).toMatch(/enabled, inactive; reauth by nnamdi@mac since \d\d:\d\d; must be/)
  })

  it('that cannot be read counts as held', async () => {
    await project.lab('break', 'timer-stopped-monzo')
    await plantLease(project, 'monzo', 0, 'not JSON')
    const up = await project.up()
    expect([up.code === 0, up.mended, await isActive('monzo')]).toEqual([false, [], 'inactive'])
    expect(up.out).toContain('its lease cannot be read (it is not a JSON object)')
  })

  it("that has run out is nobody's", async () => {
    await project.lab('break', 'timer-stopped-monzo')
    await plantLease(project, 'monzo', -2)
    const up = await project.up()
    expect([up.code, up.mended, await isActive('monzo')]).toEqual([0, [monzoTimer], 'active'])
  })
})

describe('a lease that is taken between the look and the repair', () => {
  /** Runs the repair of a finding that was made before, as the engine would. */
  async function repair(id: string, between: () => Promise<void>) {
    const declaration = declare(readStackConfig('lab'))
    const { json } = await project.drift()
    expect(json.findings.find((one) => one.id === id)?.state).toBe('differs')
    const found = resources(declaration, json.findings, 'run-1', repairText()).find(({ name }) => name === id)
    await between()
    const [program = '', ...args] = [...(found?.args.interpreter ?? []), 'repair']
    const options = { cwd: project.dir, input: found?.args.stdin, encoding: 'utf8' } as const
    const { status, stdout } = spawnSync(program, args, options)
    return { status, stdout }
  }

  it.each([
    ['timer-stopped-monzo', monzoTimer, 'ct109 timer bulma-poll-monzo.timer'],
    ['token-unreadable-monzo', 'z2/token-file/tokens_monzo.json', 'z2 token file tokens_monzo.json'],
    [
      'credentials-unreadable',
      'z2/credentials-file/monzo_credentials.json',
      'z2 credentials file monzo_credentials.json',
    ],
    ['poll-failed-monzo', 'ct109/last-poll/monzo', 'ct109 last poll monzo'],
  ])('stops it before it changes anything: %s', async (fault, id, subject) => {
    await project.lab('break', fault)
    const { status, stdout } = await repair(id, () => plantLease(project, 'monzo', 300))
    expect(stdout).toMatch(
      new RegExp(`^${subject}: left alone: reauth by nnamdi@mac since \\d\\d:\\d\\d UTC\\n$`),
    )
    expect(status).toBe(1)
    await clearLogins(project)
    expect(await project.off()).toEqual([id])
  })

  it('stops it too where it cannot be read, and not where it has run out or is of the other bank', async () => {
    await project.lab('break', 'timer-stopped-monzo')
    const unread = await repair(monzoTimer, () =>
      plantLease(project, 'monzo', 0, '{"holder":"x","deadline":0}'),
    )
    expect(unread).toEqual({
      status: 1,
      stdout: `ct109 timer bulma-poll-monzo.timer: left alone: a reauth may be running: /run/bulma-infra/monzo.lease cannot be read\n`,
    })
    await clearLogins(project)
    const over = await repair(monzoTimer, async () => {
      await plantLease(project, 'monzo', -2)
      await plantLease(project, 'truelayer', 300)
    })
    const mended = { status: 0, stdout: 'ct109 timer bulma-poll-monzo.timer: mended\n' }
    expect(over).toEqual(mended)
    await project.lab('break', 'timer-stopped-monzo')
    expect(await repair(monzoTimer, () => plantLease(project, 'monzo', 4000))).toEqual(mended)
  })

  it('says nothing where nothing would be changed', async () => {
    await project.lab('break', 'timer-stopped-monzo')
    const found = await repair(monzoTimer, async () => {
      await project.lab('mend')
      await plantLease(project, 'monzo', 300)
    })
    expect(found).toEqual({
      status: 0,
      stdout: 'ct109 timer bulma-poll-monzo.timer: already as documented\n',
    })
  })
})

describe('a login that waits on the Mac', () => {
  it('is one finding, said once, and up repairs the rest', async () => {
    await project.lab('break', 'transit-monzo', 'token-absent-monzo', 'timer-stopped-truelayer')
    await plantJournal(project, 'monzo', 'account-ok')
    expect(await project.off()).toEqual([timer('truelayer'), 'ct109/last-poll/monzo'])
    const up = await project.up()
    expect(up.code).not.toBe(0)
    expect(up.mended).toEqual([timer('truelayer')])
    expect(up.out.split('npm run push -- monzo --stack lab').length - 1).toBe(1)
    expect(await project.off()).toEqual(['ct109/last-poll/monzo'])
  })
})
