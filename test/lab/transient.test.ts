import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { run, ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

// What systemd-run makes, while a lab is up: the words and states are held against systemd's own in systemctl.test.ts.

const folder = temporaryFolder('transient')
const place = placeAt(folder)
beforeAll(() => startLab(place))
afterAll(async () => {
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

const arm = (seconds: number, action: string): string =>
  `systemd-run --collect --unit=bulma-reauth-monzo --on-active=${seconds}s --timer-property=AccuracySec=1s ` +
  `-p Restart=on-failure -p RestartSec=1 -p StartLimitIntervalSec=0 /bin/sh -c '${action}'`
const mark = join(place.roots.z2, 'tmp/mark')

async function appears(file: string, limitMs: number): Promise<number> {
  const began = Date.now()
  while (!existsSync(file) && Date.now() - began < limitMs) await wait(20)
  return Date.now() - began
}

test('an armed switch acts within a second of its time, as a command on the simulated Z2 would, and leaves no trace', async () => {
  expect((await ssh(place, arm(1, 'systemctl is-active bulma-x; pwd >.lab/z2/tmp/mark'))).code).toBe(0)
  const took = await appears(mark, 5000)
  expect(took).toBeGreaterThan(500)
  expect(took).toBeLessThan(2200)
  expect(readFileSync(mark, 'utf8')).toBe(`${folder}\n`)
  await wait(300)
  const { stdout } = await ssh(
    place,
    'systemctl show bulma-reauth-monzo.timer bulma-reauth-monzo.service -p LoadState; ls .lab/z2/run/systemd/transient .lab/z2/run/sim/due',
  )
  expect(stdout).not.toContain('LoadState=loaded')
  expect(stdout).not.toContain('bulma-reauth')
  rmSync(mark)
})

test('an action that fails is tried again until it succeeds', async () => {
  await ssh(place, arm(1, 'echo try >>.lab/z2/tmp/tries; test -e .lab/z2/tmp/well && touch .lab/z2/tmp/mark'))
  await wait(2600)
  expect(readFileSync(join(place.roots.z2, 'tmp/tries'), 'utf8')).toMatch(/^(try\n){1,2}$/)
  await ssh(place, 'touch .lab/z2/tmp/well')
  expect(await appears(mark, 5000)).toBeLessThan(2500)
  rmSync(mark)
})

test('a switch that is stopped in time never acts', async () => {
  await ssh(place, `${arm(1, 'touch .lab/z2/tmp/mark')}; systemctl stop bulma-reauth-monzo.timer`)
  await wait(2200)
  expect(existsSync(mark)).toBe(false)
})

test('an action cannot be a program of this machine', async () => {
  const { code, stderr } = await ssh(
    place,
    `systemd-run --collect --unit=x --on-active=1s ${process.execPath} --version`,
  )
  expect(stderr).toBe(`Failed to find executable ${process.execPath}: No such file or directory\n`)
  expect(code).toBe(1)
})

test('the lab ends what an action still does', async () => {
  const other = temporaryFolder('transient-end')
  const its = placeAt(other)
  await startLab(its)
  try {
    const seconds = '31.4159'
    const ps = async (): Promise<string> => (await run('ps', ['-eo', 'args'])).stdout
    await ssh(its, arm(1, `touch .lab/z2/tmp/mark; trap : TERM; sleep ${seconds}`))
    await appears(join(its.roots.z2, 'tmp/mark'), 5000)
    expect(await ps()).toContain(`sleep ${seconds}`)
    await stopLab(its)
    expect(await ps()).not.toContain(`sleep ${seconds}`)
  } finally {
    await stopLab(its)
    rmSync(other, { recursive: true, force: true })
  }
})
