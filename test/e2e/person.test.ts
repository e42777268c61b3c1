import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Project, recordedProject } from './project.ts'

// What only a person can mend, beside what up repairs: all the rest is repaired, the cause is named, the next command is
// said once, and what hangs on such a cause is not touched.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterEach(() => project.lab('mend'))
afterAll(() => project.end())

const count = (text: string, part: string): number => text.split(part).length - 1

const timer = 'ct109/timer/bulma-poll-monzo.timer'

describe('what needs a person', () => {
  const faults: [fault: string, id: string, next: string][] = [
    ['token-old-truelayer', 'z2/token-age/tokens_truelayer.json', 'npm run reauth -- truelayer --stack lab'],
    ['token-absent-monzo', 'z2/token-file/tokens_monzo.json', 'npm run reauth -- monzo --stack lab'],
    ['poll-dead-truelayer', 'ct109/last-poll/truelayer', 'npm run reauth -- truelayer --stack lab'],
    ['address-changed', 'ct109/address/192.168.1.214', 'pct config 109'],
    ['credentials-absent', 'z2/credentials-file/monzo_credentials.json', 'scp -q '],
    ['mac-credentials-open-truelayer', 'mac/credentials-file/truelayer_credentials.json', 'chmod 600 '],
    [
      'transit-truelayer',
      'mac/transit-copy/tokens_truelayer.json',
      'npm run verify -- truelayer --stack lab',
    ],
    [
      'timer-absent-truelayer',
      'ct109/timer/bulma-poll-truelayer.timer',
      'systemctl cat bulma-poll-truelayer.timer',
    ],
  ]

  it.each(faults)(
    '%s: up ends non-zero, says what to do once, and repairs all the rest',
    async (fault, id, next) => {
      await project.lab('break', fault, 'timer-disabled-monzo', 'legacy-evening')
      const up = await project.up('--parallel', '64')
      expect(up.code).not.toBe(0)
      expect(up.mended).toContain(timer)
      expect(up.mended).toContain('z2/legacy-unit/hinata-poll-truelayer-evening.timer')
      expect(count(up.out, next), up.out).toBe(1)
      expect(up.out).not.toMatch(/^\s+at .*:\d+:\d+/m)
      expect(await project.off()).toEqual([id])
      const { code, json } = await project.drift()
      expect([code, json.summary.needsPerson]).toEqual([4, 1])
      expect((await project.preview()).changed).toEqual([id])
    },
  )

  it('is said even when a repair fails, and that repair is seen again', async () => {
    await project.lab(
      'break',
      'transit-monzo',
      'timer-disabled-monzo',
      'repair-fails-enable',
      'legacy-morning',
    )
    const up = await project.up()
    expect(up.code).not.toBe(0)
    expect(up.out).toContain('still not as documented: Failed to enable unit')
    expect(count(up.out, 'npm run verify -- monzo --stack lab')).toBe(1)
    // The other chains are repaired all the same.
    expect(await project.off()).toEqual([timer, 'mac/transit-copy/tokens_monzo.json'])
    expect((await project.preview()).changed.sort()).toEqual([timer, 'mac/transit-copy/tokens_monzo.json'])
  })
})

describe('a container that is not the one that is meant', () => {
  it.each(['container-renamed', 'container-absent', 'container-other-node'])(
    '%s: is one finding, and nothing in it is touched',
    async (fault) => {
      await project.lab('break', 'timer-disabled-monzo', 'token-unreadable-truelayer', fault)
      const id = 'ct109/container-identity/bulma-finance'
      expect(await project.off()).toEqual([id])
      expect((await project.preview()).changed).toEqual([id])
      const up = await project.up()
      expect([up.code === 0, up.mended]).toEqual([false, []])
      await project.lab('mend', fault)
      expect(await project.off()).toEqual([timer, 'z2/token-file/tokens_truelayer.json'])
    },
  )
})

describe('a bind mount that is not right', () => {
  it('leaves the files and timers alone that hang on it', async () => {
    await project.lab('break', 'timer-disabled-monzo', 'bind-mount-other')
    const id = 'ct109/bind-mount/root/data/bulma'
    expect(await project.off()).toEqual([id])
    const up = await project.up()
    expect([up.code === 0, up.mended]).toEqual([false, []])
    expect(up.out).toContain('pct set 109 -mp0 /mnt/data/hinata/data/bulma,mp=/root/data/bulma')
    await project.lab('mend', 'bind-mount-other')
    expect(await project.off()).toEqual([timer])
  })
})

describe('a stopped container', () => {
  it('is one finding; up starts it and then checks everything inside it', async () => {
    await project.lab('break', 'timer-disabled-monzo', 'container-stopped')
    const { code, json } = await project.drift()
    expect([code, json.summary.differs]).toEqual([2, 1])
    expect(await project.off()).toEqual(['ct109/container/109'])
    const up = await project.up()
    expect(up.code, up.out).toBe(0)
    expect(up.mended).toEqual(['ct109/container/109', timer])
    expect(up.out).toContain('ct109 timer bulma-poll-truelayer.timer: already as documented')
    expect(await project.off()).toEqual([])
    expect((await project.preview()).code).toBe(0)
  })

  it('that a backup has locked is never clean, and is left alone', async () => {
    await project.lab('break', 'container-stopped-locked')
    const { code, json } = await project.drift()
    expect([code, json.summary.needsPerson]).toEqual([4, 1])
    expect((await project.preview()).code).toBe(7)
    const up = await project.up()
    expect([up.code === 0, up.mended]).toEqual([false, []])
    expect(up.out).toContain('locked (backup)')
    expect((await project.ssh('pct status 109')).out).toContain('stopped')
  })
})

describe('npm run up', () => {
  it('returns the code of one more look', async () => {
    await project.lab('break', 'timer-disabled-monzo')
    const mended = await project.script('up', ['--stack', 'lab', '--yes'])
    expect([mended.code, mended.err.split('\n').at(-2)]).toEqual([0, 'hinata-z2 · 21 hold'])
    await project.lab('break', 'transit-monzo', 'timer-disabled-monzo')
    const person = await project.script('up', ['--stack', 'lab'])
    expect([person.code, person.err.split('\n').at(-2)]).toEqual([4, 'hinata-z2 · 20 hold · 1 needs you'])
  })
})
