import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { takeLock } from '../../tools/build-lock.ts'
import { until } from './temp-project.ts'

vi.setConfig({ testTimeout: 30_000 })
const holder = fileURLToPath(new URL('build-lock-holder.ts', import.meta.url))

describe('the lock around a build', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(`${tmpdir()}/bulma-lock-`)
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('lets one in at a time, and tells who waits', async () => {
    const release = await takeLock(dir, () => undefined)
    const told: string[] = []
    let second = false
    const waiting = takeLock(dir, (who) => told.push(who)).then((give) => {
      second = true
      return give
    })
    await until(() => told.length > 0)
    expect([told[0], second]).toEqual([`process ${process.pid}`, false])
    release()
    ;(await waiting)()
    expect(existsSync(`${dir}/lock`)).toBe(false)
  })

  it('is taken over from a process that was killed', async () => {
    const child = spawn(process.execPath, [holder, dir], { stdio: 'ignore' })
    await until(() => existsSync(`${dir}/lock`))
    child.kill('SIGKILL')
    await once(child, 'close')
    ;(await takeLock(dir, () => undefined))()
  })

  it('of many that find a dead one, each gets it once and alone', async () => {
    writeFileSync(`${dir}/lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, [holder, dir, 'briefly']))
    const ends = await Promise.all(children.map((child) => once(child, 'close')))
    expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0])
  })
})
