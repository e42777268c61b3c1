import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Project, recordedProject } from './project.ts'

// What could not be looked at is never called fine, by no command.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterEach(() => project.lab('mend'))
afterAll(() => project.end())

const whole: [fault: string, why: RegExp][] = [
  ['port-refused', /Connection refused/],
  ['host-key', /Host key verification failed/],
  ['cut-output', /the look was cut short/],
  ['black-hole', /timed out/],
]

describe.each(whole)('%s', (fault, why) => {
  it('drift, preview and up all say that they could not look, and change nothing', async () => {
    await project.lab('break', 'timer-disabled-monzo', fault)
    const drift = await project.script('drift', ['--stack', 'lab'])
    expect([drift.code, drift.out]).toEqual([3, ''])
    expect(drift.err).toMatch(why)
    expect(drift.err.split('\n').map((line) => line.slice(0, 7))).toEqual([
      'error: ',
      'why:   ',
      'next:  ',
      'left:  ',
      '',
    ])
    for (const command of ['preview', 'up']) {
      const ended = await project.pulumi(command, ...(command === 'up' ? ['--yes', '--skip-preview'] : []))
      expect(ended.code, command).not.toBe(0)
      expect(ended.out).toMatch(/error: cannot look at hinata-z2\n\s+why: {3}/)
      expect(ended.out).toMatch(why)
      expect(ended.out).not.toMatch(/^\s+at .*:\d+:\d+/m)
      expect(ended.out).not.toMatch(/to delete|deleted/)
    }
    await project.lab('mend', fault)
    expect(await project.off()).toEqual(['ct109/timer/bulma-poll-monzo.timer'])
  })
})

describe.each([
  ['pct-missing', 'pct: No such file or directory'],
  ['pct-hangs', 'pct exec did not answer in time'],
])('%s', (fault, why) => {
  it('Z2 is looked at, the container counts as not looked at, and up changes nothing', async () => {
    await project.lab('break', 'legacy-morning', fault)
    const { code, json } = await project.drift()
    expect(code).toBe(3)
    expect(json.findings.find(({ id }) => id === 'ct109/container/109')).toMatchObject({
      state: 'unknown',
      seen: why,
    })
    expect(json.findings.find(({ id }) => id.endsWith('morning.timer'))?.state).toBe('differs')
    const up = await project.up()
    expect([up.code === 0, up.mended]).toEqual([false, []])
    expect(up.out).toContain(`why:   ${why}`)
    await project.lab('mend', fault)
    expect((await project.off()).length).toBe(2)
  })
})

it('a noisy login shell is read past', async () => {
  await project.lab('break', 'noisy-shell')
  const { code, json } = await project.drift()
  expect([code, json.summary.holds]).toEqual([0, 21])
  expect((await project.preview()).code).toBe(0)
})
