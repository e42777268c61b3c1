import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { isAll } from '../run-kind.ts'
import { callBeforePush, firstLogin, reauth } from './killed-login.ts'
import { lookAt, offOf, repair, repairsOf } from './repair-run.ts'
import { about } from './row.ts'
import { newStage, type Stage } from './stage.ts'

// Two at the same time: one wins, the other is told, and nothing is lost.

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage({ limits: { reachSeconds: 2, switchSeconds: 10, leaseSeconds: 8 } })
})
afterEach(() => stage.project.lab('mend'))
afterAll(() => stage.end())

it('two ups: one repairs, the other says that one is under way, or finds nothing to do', async ({ task }) => {
  const row = about(task, {
    family: 'two at once',
    fault: 'two ups of one checkout',
    sees: 'another update is under way, whose and since when',
    exit: 'one up 0, the other 0 or 1',
    after: 'repaired once; the next up runs',
  })
  row.cases = isAll ? 4 : 1
  for (let left = row.cases; left > 0; left -= 1) {
    await stage.project.lab('break', 'legacy-morning', 'timer-disabled-monzo')
    const both = await Promise.all([stage.run('up', ['--yes']), stage.run('up', ['--yes'])])
    const story = both.map(({ code, out, err }) => `${code}: ${out}${err}`).join('\n====\n')
    expect(
      both.map(({ code }) => code),
      story,
    ).toContain(0)
    for (const { code } of both) expect([0, 1, 2], story).toContain(code)
    expect(story).not.toMatch(/this is a bug/)
    expect(await stage.off(), story).toEqual([])
    expect((await stage.run('up', ['--yes'])).code).toBe(0)
  }
})

it('two repairs of one thing from two checkouts: the later one waits for the first', async ({ task }) => {
  const row = about(task, {
    family: 'two at once',
    fault: 'the same repairs from two machines at once, eight of each',
    sees: 'mended, or that it holds already',
    exit: 'up 0',
    after: 'all holds',
  })
  row.cases = isAll ? 6 : 1
  for (let left = row.cases; left > 0; left -= 1) {
    await stage.project.lab('break', 'legacy-morning', 'timer-masked-monzo', 'token-unreadable-truelayer')
    const all = repairsOf(await lookAt(stage.project))
    // Those of one chain follow each other, as the engine has them do; two machines do so side by side.
    const machine = async (): Promise<(number | null)[]> => {
      const codes: (number | null)[] = []
      for (const one of all) codes.push((await repair(stage.project, one)).code)
      return codes
    }
    const [first, second] = await Promise.all([machine(), machine()])
    expect([...(first ?? []), ...(second ?? [])].filter((code) => code !== 0)).toEqual([])
    expect(offOf(await lookAt(stage.project))).toEqual([])
  }
})

it('two pushes of one login: one brings it, the other is told or finds it there', async ({ task }) => {
  const row = about(task, {
    family: 'two at once',
    fault: 'two pushes of the login that waits on the Mac',
    sees: 'who is at it, or that there is nothing to push',
    exit: 'one push 0, the other 0, 1 or 4',
    after: 'the new chain is live on z2, nothing of the login is left',
  })
  const { place } = stage
  await firstLogin(place, 'truelayer')
  const afterwards = await callBeforePush(place, 'truelayer')
  row.cases = isAll ? 4 : 1
  for (let left = row.cases; left > 0; left -= 1) {
    await reauth(place, 'truelayer', { call: afterwards })
    const both = await Promise.all([stage.run('push', ['truelayer']), stage.run('push', ['truelayer'])])
    const story = both.map(({ code, out, err }) => `${code}: ${out}${err}`).join('\n====\n')
    expect(
      both.map(({ code }) => code),
      story,
    ).toContain(0)
    for (const { code } of both) expect([0, 1, 4], story).toContain(code)
    expect(story).not.toMatch(/this is a bug/)
    expect(await place.isLive('truelayer'), story).toBe(true)
    await expect
      .poll(() => place.atRest('truelayer'), { timeout: 60_000, interval: 1000 })
      .toEqual({ timer: true, switch: '', staged: '', lease: null })
    expect(await place.doctor('truelayer'), story).toMatchObject({ verdict: 'healthy' })
  }
})

it('an operator who edits by hand while up repairs: the next look says what came of it', async ({ task }) => {
  const row = about(task, {
    family: 'two at once',
    fault: 'an operator who disables a timer and closes a file while up repairs them',
    sees: 'what is so in that moment',
    exit: 'up 0, 1 or 2',
    after: 'the next look tells the truth, and one more up ends it',
  })
  row.cases = isAll ? 5 : 1
  for (let left = row.cases; left > 0; left -= 1) {
    await stage.project.lab('break', 'timer-disabled-monzo', 'token-unreadable-truelayer')
    const up = stage.run('up', ['--yes'])
    for (let edits = 6; edits > 0; edits -= 1) {
      await stage.place.inside('systemctl disable --now bulma-poll-monzo.timer')
      await stage.project.ssh('chmod 600 .lab/z2/mnt/data/hinata/data/bulma/tokens_truelayer.json')
    }
    const { code, out, err } = await up
    expect([0, 1, 2], out + err).toContain(code)
    const again = await stage.run('up', ['--yes'])
    expect(again.code, again.out + again.err).toBe(0)
    expect(await stage.off()).toEqual([])
    await stage.keepsChains()
    await stage.project.lab('mend')
  }
  expect(readFileSync(stage.file('Pulumi.lab.yaml'), 'utf8')).toContain('config:')
})
