import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { lab } from '../../lab/command.ts'
import { findGroup, pidsOf } from '../../lab/real/cgroup.ts'
import { findReal } from '../../lab/real/leader.ts'
import { type RealPlace, realPlaceAt } from '../../lab/real/place.ts'
import { processOf } from '../../lab/real/process.ts'
import { type Result, run } from '../lab/ssh.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'

// From a machine without a lab to a machine without a lab, whatever happens in between.

type Checkout = {
  folder: string
  place: RealPlace
  said: string[]
  say(...words: string[]): Promise<number>
  ssh(command: string): Promise<Result>
}
const all: Checkout[] = []

// a connection into a machine that reboots would otherwise wait for ever
const patience = [
  'BatchMode=yes',
  'ConnectTimeout=2',
  'ServerAliveInterval=1',
  'ServerAliveCountMax=2',
].flatMap((each) => ['-o', each])

function checkout(): Checkout {
  const folder = temporaryFolder('real')
  const place = realPlaceAt(folder)
  const said: string[] = []
  const say = async (...words: string[]): Promise<number> => {
    said.length = 0
    return lab(words, folder, { say: (line) => said.push(line), tell: () => {} })
  }
  const ssh = (command: string) => run('ssh', ['-F', place.sshConfig, ...patience, 'hinata-z2', command])
  const one = { folder, place, said, say, ssh }
  all.push(one)
  return one
}

afterEach(async () => {
  for (const { folder, say } of all.splice(0)) {
    await say('down')
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Everything on this machine that could be a lab's: mounts, links, addresses, groups, folders, processes. */
function traces({ place }: Checkout): string[] {
  const listed = (program: string, ...words: string[]): string[] =>
    execFileSync(program, words, { encoding: 'utf8' }).split('\n')
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
      return words.includes(place.name) || words.includes(place.lab) ? [`process ${pid} ${words}`] : []
    })
  const folders = existsSync('/run/systemd/nspawn/propagate')
    ? readdirSync('/run/systemd/nspawn/propagate')
    : []
  const carriers = [
    ...readFileSync('/proc/self/mountinfo', 'utf8').split('\n'),
    ...listed('ip', '-o', 'address'),
    ...listed('ip', '-o', 'link'),
    ...folders,
  ].filter((line) => line.includes(place.id) || line.includes(place.lab))
  const group = findGroup(place.group)
  return [
    ...processes,
    ...carriers,
    ...(group ? [group] : []),
    ...[place.lab, place.lock].filter((folder) => existsSync(folder)),
  ]
}

const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8')
const groupOf = ({ place }: Checkout): string => findGroup(place.group) ?? ''
const pidsBelow = (one: Checkout, ...names: string[]): number[] =>
  names.flatMap((name) => pidsOf(join(groupOf(one), name)))

describe('a whole life', () => {
  it('up in less than 20 seconds, the same files as the simulation has, and nothing left after down', async () => {
    const one = checkout()
    const before = mounts()
    const began = Date.now()
    expect(await one.say('up', '--real')).toBe(0)
    expect(Date.now() - began).toBeLessThan(20_000)
    expect(one.said[0]).toMatch(/^the lab is up: a real hinata-z2 at 10\.\d+\.\d+\.2, \d+\.\d s$/)
    for (const name of ['ssh_config', 'known_hosts', 'keys', 'home'])
      expect(readdirSync(one.place.lab)).toContain(name)
    expect(await one.say('status')).toBe(0)
    expect(one.said).toEqual([
      expect.stringContaining('the lab is up: a real hinata-z2 at '),
      'no fault is planted',
    ])
    expect(
      (await one.ssh('systemctl is-system-running; pct exec 109 -- systemctl is-system-running')).stdout,
    ).toBe('running\nrunning\n')
    expect(mounts()).toBe(before)
    expect(await one.say('down')).toBe(0)
    expect(one.said).toEqual(['the lab is down'])
    expect(traces(one)).toEqual([])
    expect(mounts()).toBe(before)
    expect(await one.say('down')).toBe(0)
    expect(one.said).toEqual(['no lab was up'])
  })

  it('is up already when it is, and is renewed by --fresh', async () => {
    const one = checkout()
    await one.say('up', '--real')
    const first = findReal(one.place)?.leader
    await one.say('up', '--real')
    expect(one.said[0]).toContain('the lab is up already: a real hinata-z2 at ')
    expect(findReal(one.place)?.leader).toEqual(first)
    await one.say('up', '--real', '--fresh')
    expect(findReal(one.place)?.leader).not.toEqual(first)
    await expect(one.say('up')).rejects.toMatchObject({ lines: { what: 'a real lab is up here' } })
  })

  it('takes nothing along that somebody has mounted inside', async () => {
    const one = checkout()
    await one.say('up', '--real')
    const own = temporaryFolder('own')
    writeFileSync(join(own, 'letter'), 'dear bank')
    const at = join(one.place.lab, 'home/a b')
    mkdirSync(at)
    execFileSync('mount', ['--bind', own, at])
    try {
      await expect(one.say('down')).rejects.toMatchObject({
        lines: {
          what: `${one.place.lab} cannot be removed`,
          why: `something is mounted at ${at}`,
          next: `umount '${at}' && npm run lab -- down`,
        },
      })
    } finally {
      execFileSync('umount', [at])
    }
    expect(readFileSync(join(own, 'letter'), 'utf8')).toBe('dear bank')
    rmSync(own, { recursive: true })
    expect(await one.say('down')).toBe(0)
    expect(traces(one)).toEqual([])
  })

  it('two of one checkout at the same time are one', async () => {
    const one = checkout()
    await Promise.all([one.say('up', '--real'), one.say('up', '--real')])
    expect(pidsBelow(one, 'supervisor')).toHaveLength(1)
  })
})

it('labs of two checkouts do not meet', async () => {
  const [one, two] = [checkout(), checkout()] as [Checkout, Checkout]
  await Promise.all([one.say('up', '--real'), two.say('up', '--real')])
  const [first, second] = [findReal(one.place), findReal(two.place)]
  expect(first?.network.z2).not.toBe(second?.network.z2)
  await one.ssh('touch /root/first; pct exec 109 -- touch /root/first')
  expect((await two.ssh('ls /root; pct exec 109 -- ls /root')).stdout).not.toContain('first')
  await one.say('down')
  expect(traces(one)).toEqual([])
  expect((await two.ssh('pct exec 109 -- systemctl is-system-running')).stdout).toBe('running\n')
})

describe('nothing is left after down', () => {
  it.each([
    ['everything beside Z2', ['keeper', 'boot', 'supervisor']],
    ['the systemd of Z2', ['payload/init.scope']],
  ])('when %s was killed', async (_, groups) => {
    const one = checkout()
    await one.say('up', '--real')
    for (const pid of pidsBelow(one, ...groups)) process.kill(pid, 'SIGKILL')
    await one.say('down')
    expect(traces(one)).toEqual([])
    await one.say('up', '--real')
    expect((await one.ssh('pct status 109')).stdout).toBe('status: running\n')
  })

  it('when up itself was killed half way', async () => {
    const one = checkout()
    const program = `import { lab } from ${JSON.stringify(join(import.meta.dirname, '../../lab/command.ts'))}
      await lab(['up', '--real'], ${JSON.stringify(one.folder)}, { say() {}, tell() {} })`
    for (const ms of [700, 1200, 2000]) {
      const words = [String(ms / 1000), process.execPath, '--input-type=module', '-e', program]
      await run('timeout', ['--signal=KILL', ...words])
      await one.say('down')
      expect(traces(one), `${ms} ms`).toEqual([])
    }
  })

  it('and not even before it when its folder was removed by hand', async () => {
    const one = checkout()
    await one.say('up', '--real')
    rmSync(one.place.lab, { recursive: true })
    for (const end = Date.now() + 5000; traces(one).length > 0 && Date.now() < end; ) await wait(50)
    expect(traces(one)).toEqual([])
  })
})

it('only what a lab has written is removed', async () => {
  const one = checkout()
  mkdirSync(one.place.lab)
  writeFileSync(join(one.place.lab, 'precious'), '')
  await expect(one.say('up', '--real')).rejects.toMatchObject({
    lines: { left: expect.stringContaining('nothing was removed') },
  })
  expect(readdirSync(one.place.lab)).toEqual(['precious'])
  rmSync(one.place.lab, { recursive: true })
})

it('a Z2 that reboots is back with its container, at the same address', async () => {
  const one = checkout()
  await one.say('up', '--real')
  const before = findReal(one.place)?.leader
  await one.ssh('reboot')
  const isBack = async (): Promise<boolean> =>
    (await one.ssh('pct exec 109 -- systemctl is-active timers.target')).stdout === 'active\n'
  for (const end = Date.now() + 60_000; !(await isBack()) && Date.now() < end; ) await wait(200)
  expect(await isBack()).toBe(true)
  const after = findReal(one.place)?.leader
  expect(after).not.toEqual(before)
  expect(processOf(after?.pid ?? 0)).toEqual(after)
  expect(await one.say('break', 'container-stopped')).toBe(0)
  expect((await one.ssh('pct status 109')).stdout).toBe('status: stopped\n')
})

it('nothing is routed from the containers to anywhere but the banks', async () => {
  const one = checkout()
  await one.say('up', '--real')
  const here = findReal(one.place)?.network.here ?? ''
  const reach = (url: string): string => `pct exec 109 -- curl -s -o /dev/null -m 2 -w '%{http_code}' ${url}`
  expect((await one.ssh('cat /proc/sys/net/ipv4/ip_forward; ip route show default')).stdout).toBe('0\n')
  expect((await one.ssh(reach('http://192.168.1.1:8401/ping/whoami'))).stdout).toBe('401')
  expect((await one.ssh(reach(`http://${here}:8401/ping/whoami`))).stdout).toBe('000')
})
