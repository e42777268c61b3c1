import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { isAll } from '../../run-kind.ts'
import { callBeforePush, firstLogin, reauth } from '../killed-login.ts'
import { about } from '../row.ts'
import { blocked, newStage, type Stage } from '../stage.ts'

// What only a real machine can do: an sshd at its limits, and a Z2 that reboots in the middle.

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage({ limits: { reachSeconds: 5, switchSeconds: 15, leaseSeconds: 10 } })
})
afterEach(() => stage.project.lab('mend'))
afterAll(() => stage.end())

const limits = '/etc/ssh/sshd_config.d/limit.conf'
async function limit(line: string): Promise<void> {
  const { code, err } = await stage.project.ssh(
    line === ''
      ? `rm -f ${limits}; systemctl restart ssh`
      : `echo '${line}' >${limits}; systemctl restart ssh`,
  )
  expect(code, err).toBe(0)
  stage.hangUp()
}

const address = (): { host: string; port: number } => {
  const text = readFileSync(stage.file('.lab/ssh_config'), 'utf8')
  return {
    host: /^ {2}HostName (.*)$/m.exec(text)?.[1] ?? '',
    port: Number(/^ {2}Port (.*)$/m.exec(text)?.[1] ?? 22),
  }
}

/** Waits until Z2 and its container answer again. */
async function back(): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await wait(500)) {
    stage.hangUp()
    const { code } = await stage.project.run('ssh', [
      ...['-F', '.lab/ssh_config', '-o', 'ConnectTimeout=2', 'hinata-z2'],
      'pct exec 109 -- systemctl is-active multi-user.target timers.target',
    ])
    if (code === 0) return
  }
  throw new Error('it did not come back')
}

describe('an sshd at its limits', () => {
  it('MaxStartups: connections that say nothing keep others out, which is told', async ({ task }) => {
    about(task, {
      family: 'ssh',
      fault: 'MaxStartups reached',
      sees: 'Connection reset or closed by the host',
      exit: 'drift 3, doctor 3',
      after: 'unchanged; with room the next look is whole',
    })
    await limit('MaxStartups 2:100:2')
    const { host, port } = address()
    const held: Socket[] = Array.from({ length: 4 }, () => connect(port, host).on('error', () => undefined))
    await wait(500)
    try {
      await stage.allBlind(blocked.slice(0, 3), /Connection (?:reset|closed) by/)
    } finally {
      for (const socket of held) socket.destroy()
      await wait(500)
      await limit('')
    }
    expect(await stage.off()).toEqual([])
  })

  it('MaxSessions: where the shared connection is full, another is made', async ({ task }) => {
    about(task, {
      family: 'ssh',
      fault: 'MaxSessions reached over the shared connection',
      sees: '21 hold',
      exit: 'drift 0, up 0',
      after: 'all holds',
    })
    await limit('MaxSessions 1')
    await stage.run('drift')
    const hog = spawn(
      'ssh',
      [
        '-F',
        stage.file('.lab/ssh_config'),
        '-o',
        `ControlPath=${stage.socketPath()}`,
        'hinata-z2',
        'sleep 60',
      ],
      { stdio: 'ignore' },
    )
    await wait(1000)
    try {
      for (const [name = '', ...more] of [['drift'], ['up', '--yes']]) {
        const { code, out, err } = await stage.run(name, more)
        expect([name, code], out + err).toEqual([name, 0])
      }
    } finally {
      hog.kill()
      stage.hangUp()
      await limit('')
    }
    expect(await stage.off()).toEqual([])
  })
})

describe('a Z2 that reboots', () => {
  const rounds = isAll ? [600, 1600, 2600, 3600] : [1600]

  it('in the middle of an up: up says that it was cut off, and the next one ends it', async ({ task }) => {
    const row = about(task, {
      family: 'killed',
      fault: 'Z2 rebooted in the middle of an up',
      sees: 'which repair failed, or that z2 cannot be looked at',
      exit: 'up 0, 1, 2 or 3; after the reboot 0',
      after: 'all holds',
      cases: rounds.length,
    })
    for (const afterMs of rounds) {
      await stage.project.lab('break', 'legacy-morning', 'timer-disabled-monzo', 'token-unreadable-truelayer')
      const up = stage.run('up', ['--yes'])
      await wait(afterMs)
      await stage.project.ssh('systemctl reboot --force --force')
      const { code, out, err } = await up
      expect([0, 1, 2, 3], out + err).toContain(code)
      expect(out + err).not.toMatch(/this is a bug/)
      await back()
      const again = await stage.run('up', ['--yes'])
      expect(again.code, again.out + again.err).toBe(0)
      expect(await stage.off()).toEqual([])
      await stage.keepsChains()
    }
    row.kills = rounds.length
  })

  it('in the middle of a push: the login is on the Mac or on z2, and push ends it', async ({ task }) => {
    const row = about(task, {
      family: 'killed',
      fault: 'Z2 rebooted in the middle of a push',
      sees: 'that z2 did not answer, and what is left',
      exit: 'push 0, 1 or 3; after the reboot 0',
      after: 'the new chain is live on z2, nothing of the login is left',
    })
    const { place } = stage
    await firstLogin(place, 'truelayer')
    const afterwards = await callBeforePush(place, 'truelayer')
    const moments = isAll ? [300, 700, 1100, 1600] : [700]
    for (const afterMs of moments) {
      await reauth(place, 'truelayer', { call: afterwards })
      const push = stage.run('push', ['truelayer'])
      await wait(afterMs)
      await stage.project.ssh('systemctl reboot --force --force')
      const { code, out, err } = await push
      const story = `after ${afterMs} ms push ended with ${code}: ${out}${err}`
      expect([0, 1, 3], story).toContain(code)
      await back()
      await stage.keepsChains(['truelayer'])
      if (code !== 0) {
        const again = await stage.run('push', ['truelayer'])
        expect(again.code, `${story}\nagain: ${again.out}${again.err}`).toBe(0)
      }
      expect(await place.isLive('truelayer'), story).toBe(true)
      await expect
        .poll(() => place.atRest('truelayer'), { timeout: 60_000, interval: 1000, message: story })
        .toEqual({ timer: true, switch: '', staged: '', lease: null })
    }
    row.cases = row.kills = moments.length
  })
})
