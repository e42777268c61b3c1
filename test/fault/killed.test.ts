import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { pulumiEnv } from '../../tools/pulumi-run.ts'
import type { Ended } from '../e2e/project.ts'
import { isAll } from '../run-kind.ts'
import { seeded } from '../seeded.ts'
import { about } from './row.ts'
import { newStage, type Stage } from './stage.ts'

// Commands that end in the middle, and a Mac that ended with them: the next command goes on, and nothing is lost.

vi.setConfig({ testTimeout: 900_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage()
})
afterEach(() => stage.project.lab('mend'))
afterAll(() => stage.end())

const seed = Number(process.env.BULMA_SEED ?? 1)

/** Runs one of our commands and sends it a signal after some time. Its whole group gets it, as at a terminal, unless it is meant alone. */
function cutShort(
  name: string,
  more: string[],
  signal: 'SIGKILL' | 'SIGINT',
  afterMs: number,
  isAlone = false,
): Promise<{ code: number | null; text: string }> {
  const { dir, engine } = stage.project
  const child = spawn(process.execPath, [join(dir, 'scripts', `${name}.ts`), ...more, '--stack', 'lab'], {
    cwd: dir,
    env: { ...pulumiEnv(engine), PWD: dir, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
  const timer = setTimeout(() => {
    try {
      process.kill(isAlone ? (child.pid ?? 0) : -(child.pid ?? 0), signal)
    } catch {
      // it was over just now
    }
  }, afterMs)
  return new Promise((resolve) =>
    child.once('exit', (code) => {
      clearTimeout(timer)
      // What a killed command has started may hold its pipes.
      setTimeout(() => resolve({ code, text }), 50)
    }),
  )
}

/** The same command again. Where only the one that a person sees was killed, the engine works on, and the next is told so. */
async function upAgain(): Promise<Ended> {
  for (const until = Date.now() + 90_000; ; ) {
    const ended = await stage.run('up', ['--yes'])
    if (!/another pulumi is at work/.test(ended.err) || Date.now() > until) return ended
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

describe.each(['SIGKILL', 'SIGINT'] as const)('%s', (signal) => {
  const says = signal === 'SIGKILL' ? 'kill -9' : 'Ctrl-C'

  it('of an up, at random moments: the next one carries on and all holds', async ({ task }) => {
    const row = about(task, {
      family: 'killed',
      fault: `${says} of up at random moments`,
      sees: signal === 'SIGKILL' ? 'the next up clears the lock of the dead one and says so' : 'interrupted',
      exit:
        signal === 'SIGKILL'
          ? 'of the next up 0'
          : 'up 130, or by the signal where it came at once; of the next up 0',
      after: 'all holds',
    })
    const next = seeded(seed)
    const rounds = isAll ? 15 : 1
    for (let left = rounds; left > 0; left -= 1) {
      await stage.project.lab('break', 'legacy-morning', 'timer-disabled-monzo', 'token-unreadable-truelayer')
      const afterMs = 300 + next() * 5000
      const { code, text } = await cutShort(
        'up',
        ['--yes'],
        signal,
        afterMs,
        signal === 'SIGKILL' && left % 2 === 0,
      )
      stage.hears(text, 'up')
      if (signal === 'SIGINT') expect([130, 0, 1, null], text).toContain(code)
      await stage.keepsChains()
      const again = await upAgain()
      expect(again.code, `after ${afterMs} ms: ${text}\n${again.out}${again.err}`).toBe(0)
      expect(await stage.off()).toEqual([])
      await stage.project.lab('mend')
    }
    Object.assign(row, { cases: rounds, kills: rounds })
  })

  it('of what only looks, at random moments: nothing has changed', async ({ task }) => {
    const row = about(task, {
      family: 'killed',
      fault: `${says} of drift, doctor, status, verify and preview at random moments`,
      sees: 'nothing, or the report as far as it went',
      exit: signal === 'SIGKILL' ? 'none' : '130 or by the signal',
      after: 'files, units and chains as they were; the next look is whole',
    })
    const next = seeded(seed + 1)
    const commands = [['drift'], ['doctor'], ['status'], ['verify', 'monzo'], ...(isAll ? [['preview']] : [])]
    const rounds = isAll ? 5 : 1
    const before = await stage.chains()
    for (let left = rounds; left > 0; left -= 1)
      for (const [name = '', ...more] of commands) {
        const { text } = await cutShort(name, more, signal, next() * (name === 'preview' ? 3000 : 450))
        stage.hears(text, name)
        expect(text).not.toMatch(/this is a bug/)
      }
    expect(await stage.chains()).toEqual(before)
    expect(await stage.off()).toEqual([])
    Object.assign(row, { cases: rounds * commands.length, kills: rounds * commands.length })
  })
})

it('a Mac that was rebooted in the middle of an up: its lock is cleared, and up goes on', async ({
  task,
}) => {
  about(task, {
    family: 'killed',
    fault: 'the Mac rebooted in the middle of an up: a lock of a process that is no more',
    sees: 'the lock of an up that ended was cleared away',
    exit: 'up 0',
    after: 'all holds, no lock left',
  })
  await stage.project.lab('break', 'timer-disabled-monzo')
  const folder = stage.file('.state/.pulumi/locks/organization/bulma/lab')
  mkdirSync(folder, { recursive: true })
  // Process 1 is somebody else's; the highest id that there can be is nobody's.
  const lock = {
    pid: 4_194_303,
    username: 'nnamdi',
    hostname: hostname(),
    timestamp: new Date(Date.now() - 60_000).toISOString(),
  }
  writeFileSync(join(folder, '11111111-2222-3333-4444-555555555555.json'), JSON.stringify(lock))
  const { code, out, err } = await stage.run('up', ['--yes'])
  expect(code, out + err).toBe(0)
  expect(readdirSync(folder)).toEqual([])
  expect(await stage.off()).toEqual([])
})
