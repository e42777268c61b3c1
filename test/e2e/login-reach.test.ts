import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { isReal } from '../run-kind.ts'
import { banks, dataFolder, type LoginPlace, loginPlace } from './login-place.ts'
import { logsIn, type Person } from './person.ts'
import { inTurn } from './turn.ts'

// Z2, its container or a disk that goes away in the middle of a login. What was not exchanged stays as it was; what was is on
// the Mac, whole; Z2 starts the poll timer by itself; and the next command carries on.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const question = /the right one\? type yes/
const rest = { timer: true, switch: '', staged: '', lease: null }

let place: LoginPlace
beforeAll(async () => {
  place = await loginPlace({ limits: { reachSeconds: 3, switchSeconds: 8, leaseSeconds: 8 } })
  for (const bank of banks) await place.logsIn(bank)
})
beforeEach(async () => {
  for (const bank of banks) place.forgets(bank)
  await place.knob('monzo', { approve: 500 })
})
afterEach(() => place.project.lab('mend'))
afterAll(() => place.end())

const begin = (bank: Bank): Person => place.person('reauth', bank, '--anyway', '--yes')

/** A login that stands at the question whose account it is: its tokens are on the Mac, and the timer is stopped. */
async function exchanged(bank: Bank): Promise<Person> {
  await place.project.ssh(`rm -f .lab/z2/var/lib/bulma-infra/${bank}.json`)
  const person = begin(bank)
  void logsIn(await person.address()).catch(() => undefined)
  await person.sees(question)
  return person
}

/** The world some time after it was mended: by itself, or by what Z2 does. */
async function atRest(bank: Bank): Promise<void> {
  await place.project.lab('mend')
  await expect.poll(() => place.atRest(bank), { timeout: 60_000, interval: 1000 }).toEqual(rest)
}

/** The login waits on the Mac, and push takes it to its end. */
async function pushed(bank: Bank): Promise<void> {
  expect(await place.doctor(bank)).toMatchObject({
    verdict: 'not-pushed',
    next: `npm run push -- ${bank} --stack lab`,
  })
  const push = place.person('push', bank)
  const met = await push.sees(/the right one\? type yes|✓ same|\n\w+: ct109|error: /)
  if (question.test(met[0])) push.types('yes')
  expect(await push.end(), push.shown).toBe(0)
  await healthy(bank)
}

async function healthy(bank: Bank): Promise<void> {
  expect(await place.isLive(bank)).toBe(true)
  expect(await place.atRest(bank)).toEqual(rest)
  expect(place.journal(bank)).toBe(null)
  expect(place.hasMac(bank, `tokens_${bank}.json`)).toBe(false)
  expect(await place.doctor(bank)).toMatchObject({ verdict: 'healthy', exitCode: 0 })
}

describe('z2 that cannot be reached', () => {
  it.each(['port-refused', 'black-hole', 'host-key', 'cut-output', 'pct-missing'])(
    'at the start: %s: no browser is opened',
    async (fault) => {
      const before = await place.state()
      await place.project.lab('break', fault)
      const person = begin('monzo')
      expect(await person.end(), person.shown).toBe(3)
      expect(person.shown).not.toContain('response_type=code')
      expect(person.shown).toMatch(/left: .*nothing was .*changed/)
      await place.project.lab('mend')
      place.sameState(before, await place.state())
    },
  )

  it.each(
    banks.flatMap((bank, at) =>
      inTurn(['port-refused', 'black-hole'], at).map((fault) => [bank, fault] as const),
    ),
  )('%s: after the callback: %s: the code is not used', async (bank, fault) => {
    const refresh = await place.refreshOnZ2(bank)
    const person = begin(bank)
    const url = await person.address()
    await place.project.lab('break', fault)
    expect(await logsIn(url)).toBe('nothing was exchanged')
    expect(await person.end(), person.shown).toBe(3)
    expect(person.shown).toContain('left:  nothing was exchanged; the chain on ct109 is untouched')
    expect(place.journal(bank)).toBe(null)
    await atRest(bank)
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    expect(await place.isLive(bank)).toBe(true)
    await place.logsIn(bank)
  })

  it.each(inTurn(banks, 1))(
    '%s: before the push: the login is on the Mac, whole, and the timer starts by itself',
    async (bank) => {
      const refresh = await place.refreshOnZ2(bank)
      const person = await exchanged(bank)
      await place.project.lab('break', 'port-refused')
      person.types('yes')
      expect(await person.end(), person.shown).toBe(3)
      expect(person.shown).toMatch(/starts it by itself within 1 min/)
      expect(place.journal(bank)?.step).toMatch(/tokens-on-mac|account-ok/)
      const away = await place.doctor(bank)
      expect([away.verdict, away.dont]).toEqual(['unreachable', expect.stringContaining('log in again')])
      const again = await place.run('reauth', bank, ...place.way(bank), '--force')
      expect(again.code, again.err).toBe(3)
      await atRest(bank)
      expect(await place.refreshOnZ2(bank)).toBe(refresh)
      await pushed(bank)
    },
  )

  it('monzo: while the approval is waited for: verify finishes it', async () => {
    await place.knob('monzo', { approve: 'manual' })
    const person = begin('monzo')
    await logsIn(await person.address())
    await person.sees(/approve in the Monzo app/)
    await place.project.lab('break', 'port-refused')
    await place.order({ bank: 'monzo', do: 'approve' })
    expect(await person.end(), person.shown).toBe(3)
    expect(place.journal('monzo')?.step).toBe('committed')
    await atRest('monzo')
    const verify = await place.run('verify', 'monzo')
    expect(verify.code, verify.err).toBe(0)
    await healthy('monzo')
  })
})

describe('the container', () => {
  it.each(inTurn(banks))('%s: stopped while the login is waited for: the code is not used', async (bank) => {
    const refresh = await place.refreshOnZ2(bank)
    const person = begin(bank)
    const url = await person.address()
    await place.project.lab('break', 'container-stopped')
    const page = await logsIn(url)
    expect(await person.end(), person.shown).not.toBe(0)
    expect(page).not.toBe(`${bank} login finished`)
    expect(person.shown).toContain('nothing was exchanged; the chain on ct109 is untouched')
    expect(place.journal(bank)).toBe(null)
    await atRest(bank)
    expect(await place.refreshOnZ2(bank)).toBe(refresh)
    expect(await place.isLive(bank)).toBe(true)
  })

  it.each(
    banks.flatMap((bank, at) =>
      inTurn(['container-stopped', 'bind-mount-unmounted'], at).map((fault) => [bank, fault] as const),
    ),
  )('%s: %s before the push: nothing is lost, and push finishes it', async (bank, fault) => {
    const person = await exchanged(bank)
    await place.project.lab('break', fault)
    person.types('yes')
    expect(await person.end(), person.shown).not.toBe(0)
    expect(person.shown).toMatch(/error: /)
    expect(person.shown).not.toContain('this is a bug')
    expect(place.journal(bank)).not.toBe(null)
    await atRest(bank)
    const finish = place.person(
      /committed|polled/.test(place.journal(bank)?.step ?? '') ? 'verify' : 'push',
      bank,
    )
    const met = await finish.sees(/the right one\? type yes|✓ same|✓ poll|error: /)
    if (question.test(met[0])) finish.types('yes')
    expect(await finish.end(), finish.shown).toBe(0)
    await healthy(bank)
  })
})

const isRoot = process.getuid?.() === 0

describe('a full disk on z2', () => {
  const small = `.lab/z2${dataFolder.replace(/\/[^/]*$/, '')}`

  /** Puts the data folder on a disk of its own of so many KiB, with what it holds, seen from both sides. */
  async function onSmallDisk(kilobytes: number): Promise<void> {
    await place.project.lab('mend')
    await onHost(
      `cp -a '${small}' '${small}.kept' && mount -t tmpfs -o size=${kilobytes}k,mode=0755 tmpfs '${small}' && cp -a '${small}.kept/.' '${small}/'`,
    )
    await owned()
    await restart()
  }
  async function onOldDisk(): Promise<void> {
    await onHost(
      `cp -a '${small}/.' '${small}.kept/' 2>/dev/null; umount -l '${small}'; cp -a '${small}.kept/.' '${small}/'; rm -rf '${small}.kept'`,
    )
    await owned()
    await restart()
  }
  /** The simulation remembers whose a file is by its inode, and a copy is another. */
  const owned = async (): Promise<void> => {
    if (isReal) return
    const { code, err } = await place.project.ssh(
      `find ".lab/z2${dataFolder}" -type f -exec chown 100000:100000 {} +`,
    )
    if (code !== 0) throw new Error(err)
  }
  const restart = async (): Promise<void> => {
    if (!isReal) return
    await place.project.lab('break', 'container-stopped')
    await place.project.lab('mend')
  }
  /** As root of the machine that the disk is in. */
  const onHost = async (command: string): Promise<void> => {
    if (!isReal) return void execFileSync('sh', ['-c', command], { cwd: place.project.dir, stdio: 'pipe' })
    const { code, err } = await place.project.ssh(command)
    if (code !== 0) throw new Error(err)
  }

  it.runIf(isRoot)(
    'is seen before a browser opens, and where it fills up later nothing is lost',
    async () => {
      await onSmallDisk(4096)
      try {
        const refused = begin('truelayer')
        expect(await refused.end(), refused.shown).toBe(4)
        expect(refused.shown).toMatch(
          /error: a login could not be brought to ct109 now\nwhy: +the disk of .* is full/,
        )
        expect(refused.shown).not.toContain('response_type=code')
      } finally {
        await onOldDisk()
      }
      await onSmallDisk(20 * 1024)
      try {
        const refresh = await place.refreshOnZ2('truelayer')
        const person = await exchanged('truelayer')
        await onHost(`dd if=/dev/zero of='${small}/filler' bs=1k 2>/dev/null; true`)
        person.types('yes')
        expect(await person.end(), person.shown).not.toBe(0)
        // The simulation's SFTP has no statvfs to ask, as no other than OpenSSH's has: then the command says how to look.
        expect(person.shown).toMatch(isReal ? /why: +the disk is full/ : /next: +ssh .*df -h/)
        expect(await place.refreshOnZ2('truelayer')).toBe(refresh)
        expect(await place.isLive('truelayer')).toBe(true)
        await onHost(`rm '${small}/filler'`)
        await atRest('truelayer')
        await pushed('truelayer')
      } finally {
        await onOldDisk()
      }
      await place.poll('truelayer')
      expect((await place.doctor('truelayer')).verdict).toBe('healthy')
    },
  )
})

describe('the disk of the Mac', () => {
  const folder = (): string => place.mac('truelayer', '')

  it.runIf(isRoot)('is full: the code is not used, or the loss is told; never silence', async () => {
    const refresh = await place.refreshOnZ2('truelayer')
    const credentials = join(folder(), 'truelayer_credentials.json')
    const text = execFileSync('cat', [credentials])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder()])
    try {
      place.writeMac('truelayer', 'truelayer_credentials.json', text.toString('utf8'))
      const person = begin('truelayer')
      const url = await person.address()
      execFileSync('sh', ['-c', 'dd if=/dev/zero of="$1/filler" bs=1k 2>/dev/null; true', 'fill', folder()])
      await logsIn(url)
      expect(await person.end(), person.shown).not.toBe(0)
      expect(person.shown).toMatch(/error: /)
      expect(person.shown).not.toContain('this is a bug')
      expect(await place.refreshOnZ2('truelayer')).toBe(refresh)
      expect(await place.atRest('truelayer')).toEqual(rest)
      expect(await place.isLive('truelayer')).toBe(true)
    } finally {
      execFileSync('umount', ['-l', folder()])
    }
    chmodSync(credentials, 0o600)
    await place.logsIn('truelayer')
  })

  it.runIf(isRoot)('cannot be written: that is found before the code is used', async () => {
    const refresh = await place.refreshOnZ2('truelayer')
    execFileSync('mount', ['--bind', folder(), folder()])
    try {
      const person = begin('truelayer')
      const url = await person.address()
      execFileSync('mount', ['-o', 'remount,bind,ro', folder()])
      await logsIn(url)
      expect(await person.end(), person.shown).not.toBe(0)
      expect(person.shown).toMatch(/read-only/i)
      expect(person.shown).not.toContain('this is a bug')
      expect(person.shown).not.toMatch(/was lost/)
      expect(await place.refreshOnZ2('truelayer')).toBe(refresh)
      expect(await place.atRest('truelayer')).toEqual(rest)
      const early = await place.run('reauth', 'truelayer', '--anyway', '--yes', ...place.way('truelayer'))
      expect([early.code === 0, early.err]).toEqual([
        false,
        expect.not.stringContaining('response_type=code'),
      ])
    } finally {
      execFileSync('umount', ['-l', folder()])
    }
    await place.logsIn('truelayer')
  })
})
