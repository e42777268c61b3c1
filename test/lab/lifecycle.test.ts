import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { type Place, placeAt } from '../../lab/sim/place.ts'
import { findRunning } from '../../lab/sim/running.ts'
import { Problem } from '../../lib/problem.ts'
import { ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

const places: Place[] = []
function newPlace(): Place {
  const place = placeAt(temporaryFolder('lifecycle'))
  places.push(place)
  return place
}
afterEach(async () => {
  for (const place of places.splice(0)) {
    await stopLab(place)
    rmSync(place.checkout, { recursive: true, force: true })
  }
})

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

test('up writes what a person needs, with private keys that only they can read', async () => {
  const place = newPlace()
  const { port } = await startLab(place)
  expect(readdirSync(place.lab)).toEqual(
    expect.arrayContaining([
      'ssh_config',
      'known_hosts',
      'keys',
      'home',
      'z2',
      'ct109',
      'sim.json',
      'sim.log',
    ]),
  )
  for (const name of readdirSync(place.keys).filter((each) => !each.endsWith('.pub'))) {
    expect(statSync(join(place.keys, name)).mode & 0o777).toBe(0o600)
  }
  const credentials = join(place.roots.mac, 'Sandpit/hinata/data/bulma/truelayer_credentials.json')
  expect(statSync(credentials).mode & 0o777).toBe(0o600)
  expect(readFileSync(place.sshConfig, 'utf8')).toContain(`Port ${port}\n`)
})

test('up is there within two seconds and outlives who started it', async () => {
  const place = newPlace()
  let took = Number.POSITIVE_INFINITY
  let pid = 0
  // Other tests run beside this one: the best of three is what it takes.
  for (let left = 3; left > 0 && took >= 2000; left -= 1) {
    await stopLab(place)
    const began = performance.now()
    pid = (await startLab(place)).pid
    took = performance.now() - began
  }
  expect(took).toBeLessThan(2000)
  expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[5], 'a session of its own').toBe(String(pid))
})

test('down ends the lab and what runs in it, and leaves nothing behind', async () => {
  const place = newPlace()
  const { pid } = await startLab(place)
  const client = ssh(place, `echo $$ > "${place.checkout}/pid"; trap '' HUP TERM; sleep 60`)
  while (!existsSync(join(place.checkout, 'pid'))) await wait(20)
  await wait(50)
  const command = Number(readFileSync(join(place.checkout, 'pid'), 'utf8'))
  expect(await stopLab(place)).toBe(true)
  await client
  // a killed process may take a moment to be gone
  await expect.poll(() => [pid, command].filter(isAlive)).toEqual([])
  expect(existsSync(place.lab)).toBe(false)
  expect(await stopLab(place)).toBe(false)
})

test('two checkouts have labs of their own', async () => {
  const [one, two] = [newPlace(), newPlace()]
  const [first, second] = await Promise.all([startLab(one), startLab(two)])
  expect(first.port).not.toBe(second.port)
  await ssh(one, 'pct stop 109')
  expect((await ssh(one, 'pct status 109')).stdout).toBe('status: stopped\n')
  expect((await ssh(two, 'pct status 109')).stdout).toBe('status: running\n')
  await stopLab(one)
  expect((await ssh(two, 'true')).code).toBe(0)
})

test('two terminals that start a lab at once get one lab', async () => {
  const place = newPlace()
  const script = `import { startLab } from '${join(import.meta.dirname, '../../lab/sim/lifecycle.ts')}'
    import { placeAt } from '${join(import.meta.dirname, '../../lab/sim/place.ts')}'
    console.log((await startLab(placeAt('${place.checkout}'))).pid)`
  const start = () =>
    new Promise<string>((done) => {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      child.on('close', () => done(text.trim()))
    })
  const first = start()
  while (!existsSync(place.starting)) await wait(5)
  const pids = await Promise.all([first, start()])
  expect(new Set(pids)).toEqual(new Set([String(findRunning(place)?.pid)]))
})

test('what a crashed lab left is no running lab, and the next one clears it away', async () => {
  const place = newPlace()
  const { pid } = await startLab(place)
  process.kill(pid, 'SIGKILL')
  while (isAlive(pid)) await wait(10)
  expect(findRunning(place)).toBeUndefined()
  writeFileSync(join(place.roots.z2, 'leftover'), '')
  await startLab(place)
  expect(existsSync(join(place.roots.z2, 'leftover'))).toBe(false)
  expect((await ssh(place, 'true')).code).toBe(0)
})

test('a process that only has the pid of a former lab is not ended', async () => {
  const place = newPlace()
  const { pid } = await startLab(place)
  const record = readFileSync(place.record, 'utf8')
  await stopLab(place)
  const stranger = spawn('sleep', ['60'])
  mkdirSync(place.lab)
  writeFileSync(place.record, record.replace(String(pid), String(stranger.pid)))
  expect(await stopLab(place)).toBe(false)
  expect(stranger.exitCode === null && stranger.signalCode === null).toBe(true)
  stranger.kill()
})

test('a folder that is no lab is neither removed nor used', async () => {
  const place = newPlace()
  mkdirSync(place.lab)
  writeFileSync(join(place.lab, 'diary.txt'), 'dear')
  const error = await startLab(place).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Problem)
  expect((error as Problem).lines).toEqual({
    what: `${place.lab} is not a lab`,
    why: 'it holds diary.txt and nothing that a lab writes',
    next: `look into ${place.lab} and move it away`,
    left: 'nothing was removed and no lab was started',
  })
  expect(readFileSync(join(place.lab, 'diary.txt'), 'utf8')).toBe('dear')
  rmSync(place.lab, { recursive: true })
})
