import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findFaults } from '../../../lab/fault/catalogue.ts'
import { placeAt } from '../../../lab/sim/place.ts'
import { mendAll, mendFaults, plantFaults } from '../../../lab/sim/plant.ts'
import type { Observed } from '../../../lib/outcome.ts'
import { Problem } from '../../../lib/problem.ts'
import { isAll } from '../../run-kind.ts'
import { seeded } from '../../seeded.ts'
import { lookAt, repair, repairAll, repairsOf } from '../repair-run.ts'
import { about } from '../row.ts'
import { newStage, type Stage } from '../stage.ts'
import { broken } from './truth.ts'

// Drift, repair, failure, kill and look in any order. After each of them the look says what the simulation itself knows, and at
// the end one repair brings all of it back.

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 300_000 })

const sequences = Number(process.env.BULMA_SEQUENCES ?? (isAll ? 1000 : 12))
/** Each part is a test of its own, so that the whole may be run in parts. */
const parts = isAll ? 8 : 1
const throughEngine = isAll ? 10 : 1
const firstSeed = Number(process.env.BULMA_SEED ?? 1)

/** What `up` repairs by itself, all of it; with what keeps it from repairing. */
const drifts = [
  'container-onboot-off',
  'container-stopped',
  ...['monzo', 'truelayer'].flatMap((bank) => [
    `timer-disabled-${bank}`,
    `timer-stopped-${bank}`,
    `timer-masked-${bank}`,
    `timer-no-elapse-${bank}`,
    `token-unreadable-${bank}`,
    `token-read-only-${bank}`,
  ]),
  'credentials-unreadable',
  'credentials-world-writable',
  'legacy-morning',
  'legacy-evening',
  'legacy-dormant',
  'legacy-masked',
  'legacy-dropin',
  'legacy-dangling',
  'legacy-vendor',
  'legacy-removed-active',
]
const failures = [
  'repair-fails-enable',
  'repair-fails-chmod',
  'repair-fails-legacy-morning',
  'repair-fails-legacy-evening',
]
const blinds = ['port-refused', 'host-key', 'cut-output', 'pct-missing']

class Sequence {
  readonly stage: Stage
  readonly next: () => number
  readonly story: string[] = []
  private readonly place
  looks = 0
  repairs = 0
  kills = 0

  constructor(stage: Stage, seed: number) {
    this.stage = stage
    this.next = seeded(seed)
    this.story.push(`seed ${seed}`)
    this.place = placeAt(stage.project.dir)
  }

  private pick<T>(all: T[]): T {
    return all[Math.floor(this.next() * all.length)] as T
  }

  async plant(names: string[]): Promise<void> {
    this.story.push(`break ${names.join(' ')}`)
    await plantFaults(this.place, findFaults(names).found)
  }

  /** The look's word against the simulation's own. */
  async looksTrue(): Promise<Observed> {
    const seen = await lookAt(this.stage.project)
    this.looks += 1
    const truth = broken(this.place)
    const said = new Set(
      seen.look.findings
        .filter(({ state, cause }) => state !== 'holds' && cause === null)
        .map(({ id }) => id),
    )
    const story = `${this.story.join('\n')}\nthe look: ${seen.look.findings.filter(({ id }) => said.has(id)).map((one) => `${one.id}: ${one.seen}`)}\nin truth: ${[...truth]}`
    expect([...said].sort(), story).toEqual([...truth].sort())
    return seen
  }

  /** One to eight things that happen, each of them followed by a look. */
  async runs(): Promise<void> {
    for (let left = 1 + Math.floor(this.next() * 4); left > 0; left -= 1) {
      await this.happens()
      await this.looksTrue()
    }
    this.story.push('mend what keeps from repairing, and repair')
    for (const name of [...failures, ...blinds]) {
      if (this.planted.has(name)) await mendFaults(this.place, findFaults([name]).found)
    }
    this.planted.clear()
    // A repair that finds another one under way, left behind by a kill, waits for it; what hung on it comes with the next.
    for (let round = 0; round < 3; round += 1) {
      const seen = await this.looksTrue()
      if (repairsOf(seen).length === 0) break
      for (const { name, code, said } of await repairAll(this.stage.project, seen)) {
        this.repairs += 1
        this.story.push(`${name} ${code} ${said.trim()}`)
      }
    }
    await this.looksTrue()
    expect([...broken(this.place)], this.story.join('\n')).toEqual([])
    await mendAll(this.place)
  }

  private readonly planted = new Set<string>()

  private async happens(): Promise<void> {
    const what = this.next()
    if (what < 0.45)
      return this.plant(Array.from({ length: 1 + Math.floor(this.next() * 3) }, () => this.pick(drifts)))
    if (what < 0.6) {
      const name = this.pick(failures)
      this.planted.add(name)
      return this.plant([name])
    }
    if (what < 0.7) return this.isBlind(this.pick(blinds))
    const seen = await this.looksTrue()
    if (what < 0.85) {
      this.story.push('repair')
      for (const { name, code, said } of await repairAll(this.stage.project, seen)) {
        this.repairs += 1
        this.story.push(`${name} ${code} ${said.trim()}`)
        this.stage.hears(said, name)
        if (code === 0) expect([...broken(this.place)], this.story.join('\n')).not.toContain(name)
      }
      return
    }
    const [one] = repairsOf(seen)
    if (!one) return
    const after = Math.floor(this.next() * 250)
    const { code, said } = await repair(this.stage.project, one, after)
    if (code === null) this.kills += 1
    this.repairs += 1
    this.story.push(`kill ${one.name} after ${after} ms: ${code} ${said.trim()}`)
    // What runs on Z2 outlives its client: it ends by itself, and until then it may be half way.
    await this.settled()
  }

  /** Waits until no repair holds a lock of its chain any more. */
  private async settled(): Promise<void> {
    const folder = join(this.place.roots.z2, 'run/lock')
    const locks = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('bulma-')) : []
    // At once it may not have it yet.
    await new Promise((resolve) => setTimeout(resolve, 30))
    for (const name of locks) {
      const child = spawn('flock', ['-w', '60', join(folder, name), 'true'], { stdio: 'ignore' })
      await new Promise((resolve) => child.once('close', resolve))
    }
  }

  /** A look that cannot be made says so, or says what it could not see. */
  private async isBlind(name: string): Promise<void> {
    await this.plant([name])
    const ended = await lookAt(this.stage.project).catch((error: unknown) => error)
    this.looks += 1
    if (ended instanceof Problem) expect(ended.exitCode).toBe(3)
    else {
      const unknown = (ended as Observed).look.findings.filter(({ state }) => state === 'unknown')
      expect(unknown.length, this.story.join('\n')).toBeGreaterThan(0)
    }
    await mendFaults(this.place, findFaults([name]).found)
  }
}

describe('drift, repair, failure, kill and look in any order', () => {
  const stages: Stage[] = []
  beforeAll(async () => {
    // Two labs side by side: two cores are what there is.
    for (let count = isAll ? 2 : 1; count > 0; count -= 1) stages.push(await newStage({ recorded: false }))
  })
  afterAll(async () => {
    for (const stage of stages) await stage.end()
  })

  it.for(Array.from({ length: parts }, (_, part) => part))(
    'part %i: each look tells the truth, and a last repair converges',
    async (part, { task }) => {
      const row = about(task, {
        family: 'randomised',
        fault: 'sequences of drift, repair, failing repair, killed repair and blind look',
        sees: 'after each of them just what the simulation itself knows to be broken',
        exit: 'of a look 0, 2 or 3',
        after: 'one more repair, and all holds',
      })
      const sums = { looks: 0, repairs: 0, kills: 0, seeds: 0 }
      const size = Math.ceil(sequences / parts)
      const begin = firstSeed + part * size
      let seed = begin
      await Promise.all(
        stages.map(async (stage) => {
          while (seed < begin + size) {
            const sequence = new Sequence(stage, seed)
            seed += 1
            await sequence.runs()
            sums.seeds += 1
            for (const name of ['looks', 'repairs', 'kills'] as const) sums[name] += sequence[name]
          }
        }),
      )
      for (const stage of stages) await stage.keepsChains()
      Object.assign(row, sums, { cases: sums.seeds })
      // How often a kill comes in time is a matter of the machine.
      expect(sums.seeds).toBe(size)
    },
  )
})

describe('the same through the real engine', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await newStage()
  })
  afterAll(() => stage.end())

  it.for(isAll ? [0, 1, 2, 3] : [0])(
    'part %i: each preview names just what is broken, and up converges',
    async (part, { task }) => {
      const row = about(task, {
        family: 'randomised',
        fault: 'sequences of drift, up, failing up and preview through the real engine',
        sees: 'in the preview just what the simulation itself knows to be broken',
        exit: 'up 0',
        after: 'all holds, and the next preview is clean',
      })
      const place = placeAt(stage.project.dir)
      const begin = firstSeed + part * throughEngine
      for (let seed = begin; seed < begin + throughEngine; seed += 1) {
        const next = seeded(50_000 + seed)
        const some = <T>(all: T[]): T[] =>
          Array.from({ length: 1 + Math.floor(next() * 3) }, () => all[Math.floor(next() * all.length)] as T)
        const names = [...some(drifts), ...(next() < 0.4 ? [some(failures)[0] as string] : [])]
        const story = `seed ${seed}: ${names.join(' ')}`
        await plantFaults(place, findFaults(names).found)
        const before = broken(place)
        const preview = await stage.project.preview()
        stage.hears(preview.says, 'preview')
        expect(preview.code, story).toBe(before.size > 0 ? 7 : 0)
        for (const id of before) expect(preview.changed, story).toContain(id)
        // By its last look it also tells what came back while it worked.
        const up = await stage.run('up', ['--yes'])
        const left = broken(place)
        expect([up.code === 0, story], `${up.out}${up.err}\n${[...left]}`).toEqual([left.size === 0, story])
        await mendFaults(place, findFaults(names.filter((name) => failures.includes(name))).found)
        if (left.size > 0) expect((await stage.run('up', ['--yes'])).code, story).toBe(0)
        expect([...broken(place)], story).toEqual([])
        await mendAll(place)
        expect(await stage.project.off(), story).toEqual([])
      }
      Object.assign(row, { seeds: throughEngine, cases: throughEngine })
      await stage.keepsChains()
    },
  )
})
