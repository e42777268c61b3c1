import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../lib/problem.ts'
import { isAll } from '../run-kind.ts'
import { seeded } from '../seeded.ts'
import { callBeforePush, firstLogin, reauth } from './killed-login.ts'
import { lookAt, offOf, repair, repairsOf } from './repair-run.ts'
import { about } from './row.ts'
import { newStage, type Stage } from './stage.ts'
import { overWire } from './wired.ts'

// The connection ends after byte k of what Z2 sends, or of what it is sent. What came back whole is believed, and nothing else.

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage({ limits: { reachSeconds: 2, switchSeconds: 10, leaseSeconds: 8 } })
  await firstLogin(stage.place, 'truelayer')
})
afterAll(() => stage.end())

const seed = Number(process.env.BULMA_SEED ?? 1)
const next = seeded(seed)

/** `count` places in `bytes`, spread over all of it, the last byte among them. */
const places = (bytes: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) =>
    n === count - 1 ? bytes - 1 : Math.max(1, Math.floor(((n + next()) / count) * bytes)),
  )

describe('a connection that is cut', () => {
  it('after any byte of a look, is never a look', async ({ task }) => {
    const row = about(task, {
      family: 'ssh',
      fault: 'connection cut after byte k of a look',
      sees: 'cannot look at hinata-z2',
      exit: 'drift 3',
      after: 'unchanged; the next look is whole',
    })
    await stage.project.lab('break', 'timer-disabled-truelayer')
    await overWire(stage, async (wire) => {
      wire.begin()
      const whole = offOf(await lookAt(stage.project))
      expect(whole).toEqual(['ct109/timer/bulma-poll-truelayer.timer'])
      stage.hangUp()
      const { down, up } = wire.carried()
      const cuts = [
        ...places(down, isAll ? 48 : 8).map((cutAt) => ({ cutAt, way: 'down' as const })),
        ...places(up, isAll ? 16 : 3).map((cutAt) => ({ cutAt, way: 'up' as const })),
      ]
      let blind = 0
      for (const cut of cuts) {
        wire.begin(cut)
        const ended = await lookAt(stage.project).catch((error: unknown) => error)
        if (ended instanceof Problem) {
          expect([cut, ended.exitCode, ended.lines.what]).toEqual([cut, 3, 'cannot look at hinata-z2'])
          stage.hears(Object.values(ended.lines).join('\n'), 'a look that was cut')
          blind += 1
        }
        // All that a look says had come before the cut: it is whole, and the truth.
        else expect([cut, offOf(ended as Awaited<ReturnType<typeof lookAt>>)]).toEqual([cut, whole])
      }
      expect(blind).toBeGreaterThan(cuts.length * 0.8)
      wire.begin({ cutAt: Math.floor(down / 2) })
      row.exit = 'drift 3, up 3'
      await stage.allBlind(
        [
          { name: 'drift', code: 3 },
          { name: 'up', code: 3, more: ['--yes'] },
        ].slice(0, isAll ? 2 : 1),
        'cannot look at hinata-z2',
      )
      row.cuts = cuts.length
    })
    await stage.project.lab('mend')
    expect(await stage.off()).toEqual([])
  })

  it('after any byte of a repair, is never called mended', async ({ task }) => {
    const row = about(task, {
      family: 'ssh',
      fault: 'connection cut after byte k of a repair',
      sees: 'exit status 255 of its ssh',
      exit: 'up 2',
      after: 'as it was or repaired, which the next look tells; the same repair again ends it',
    })
    const drift = 'ct109/timer/bulma-poll-truelayer.timer'
    await stage.project.lab('break', 'timer-disabled-truelayer')
    const seen = await lookAt(stage.project)
    const [one] = repairsOf(seen)
    if (one?.name !== drift) throw new Error(`the repair of another thing: ${one?.name}`)
    await overWire(stage, async (wire) => {
      const over = repairsOf(await lookAt(stage.project))[0]
      if (!over) throw new Error('nothing to repair')
      stage.hangUp()
      wire.begin()
      expect((await repair(stage.project, over)).code).toBe(0)
      const { down, up } = wire.carried()
      const cuts = [
        ...places(down, isAll ? 14 : 2).map((cutAt) => ({ cutAt, way: 'down' as const })),
        ...places(up, isAll ? 10 : 2).map((cutAt) => ({ cutAt, way: 'up' as const })),
      ]
      for (const cut of cuts) {
        await stage.project.lab('break', 'timer-disabled-truelayer')
        wire.begin(cut)
        const ended = await repair(stage.project, over)
        stage.hears(ended.said, 'a repair that was cut')
        wire.begin()
        const left = offOf(await lookAt(stage.project))
        if (ended.code === 0) expect([cut, left]).toEqual([cut, []])
        else expect(ended.said).not.toMatch(/^mended$/m)
        expect([[], [drift]]).toContainEqual(left)
        if (left.length > 0)
          expect([cut, await repair(stage.project, over)]).toMatchObject([cut, { code: 0 }])
        expect(offOf(await lookAt(stage.project))).toEqual([])
      }
      row.cuts = cuts.length
    })
    await stage.project.lab('mend')
  })

  it('after any byte of a push, loses nothing, and the same command again carries on', async ({ task }) => {
    const row = about(task, {
      family: 'ssh',
      fault: 'connection cut after byte k of a push',
      sees: 'nothing that says it was done, but for a cut after the end',
      exit: 'push 3',
      after: 'the login is on the Mac, whole, or on z2; push again ends it, and the poll timer runs',
    })
    const { place } = stage
    const afterwards = await callBeforePush(place, 'truelayer')
    /** A login that has its tokens on the Mac and nothing of them on Z2. */
    const wait = async (): Promise<void> => {
      const { wasKilled, text } = await reauth(place, 'truelayer', { call: afterwards })
      expect(wasKilled, text).toBe(true)
      expect(place.journal('truelayer')?.step, text).toMatch(/tokens-on-mac|account-ok/)
    }
    await overWire(stage, async (wire) => {
      await wait()
      stage.hangUp()
      wire.begin()
      const good = await stage.run('push', ['truelayer'])
      expect(good.code, good.err).toBe(0)
      const { down, up } = wire.carried()
      const cuts = [
        ...places(down, isAll ? 8 : 1).map((cutAt) => ({ cutAt, way: 'down' as const })),
        ...places(up, isAll ? 8 : 1).map((cutAt) => ({ cutAt, way: 'up' as const })),
      ]
      for (const cut of cuts) {
        wire.begin()
        await wait()
        stage.hangUp()
        wire.begin(cut)
        const ended = await stage.run('push', ['truelayer'])
        const story = `${JSON.stringify(cut)} push ended with ${ended.code}: ${ended.out}${ended.err}`
        wire.begin()
        await stage.keepsChains(['truelayer'])
        if (ended.code !== 0) {
          expect([3, 1], story).toContain(ended.code)
          const again = await stage.run('push', ['truelayer'])
          expect(again.code, `${story}\nagain: ${again.out}${again.err}`).toBe(0)
        }
        expect(await place.isLive('truelayer'), story).toBe(true)
        await expect
          .poll(() => place.atRest('truelayer'), { timeout: 90_000, interval: 1000, message: story })
          .toEqual({ timer: true, switch: '', staged: '', lease: null })
        // Not before: a lease that could not be given back counts until it runs out.
        expect(await place.doctor('truelayer'), story).toMatchObject({ verdict: 'healthy' })
      }
      row.cuts = cuts.length
    })
  })
})
