import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { Exchange } from '../../../lib/io/login/exchange.ts'
import type { ExchangeOrder } from '../../../lib/io/login/exchange-order.ts'
import { recoverExchange } from '../../../lib/io/login/recover.ts'
import { isAll } from '../../run-kind.ts'
import { seeded } from '../../seeded.ts'
import { type ExchangePlace, exchangePlace } from './exchange-place.ts'
import { type Truth, truth } from './truth.ts'

const root = join(import.meta.dirname, '../../..')
const childProgram = join(root, 'lib/io/login/exchange-child.ts')
const parentProgram = join(import.meta.dirname, 'exchange-program.ts')

const place = await exchangePlace('kill')
afterAll(() => place.end())

/** A bank that saw nobody and a Mac with nothing on it. */
function anew(where: ExchangePlace = place): void {
  where.banks.monzo.reset()
  where.clear()
}

/** The exchange's own process under strace, with a fault in the system calls that touch its files. */
async function traced(fault: string[], limitMs = 5000) {
  anew()
  mkdirSync(place.privateFolder, { mode: 0o700 })
  const { folder: _folder, endpoints, ...rest } = await place.comeBack('monzo', { limitMs })
  const { authorizationEndpoint, tokenEndpoint } = endpoints
  const folder = place.privateFolder
  const order = { ...rest, limitMs, folder, authorizationEndpoint, tokenEndpoint } satisfies ExchangeOrder
  const paths = ['monzo.exchange', 'monzo.pending.json', ''].flatMap((name) => ['-P', join(folder, name)])
  const log = join(place.folder, 'strace')
  const child = spawn('strace', ['-f', '-o', log, ...paths, ...fault, process.execPath, childProgram], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined) // it is killed early
  writeFileSync(join(folder, 'monzo.exchange.pid'), `${child.pid}\n`, { mode: 0o600 })
  child.stdin.end(JSON.stringify(order))
  let said = ''
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
  })
  await once(child, 'close')
  const calls = [...readFileSync(log, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, name = '']) => name)
  rmSync(log)
  return { calls, said }
}

describe('kill -9 of the process that exchanges', () => {
  it('at every system call on its files: the disk tells the truth, and a token that arrived is never lost', {
    timeout: 300_000,
  }, async () => {
    const { calls, said } = await traced([])
    expect(said).toBe('{"kind":"pending"}\n')
    expect(await truth(place, 'monzo')).toBe('pending')
    const found: [string, Truth][] = []
    for (const [index, call] of calls.entries()) {
      const nth = calls.slice(0, index + 1).filter((one) => one === call).length
      await traced(['-e', `inject=${call}:signal=KILL:when=${nth}`])
      found.push([`${call} ${nth}`, await truth(place, 'monzo')])
    }
    const kinds = found.map(([, kind]) => kind)
    const ofCall = Object.fromEntries(found)
    // Nothing was sent, then nobody knows, then it is there: in this order, once each.
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual(['none', 'lost', 'pending'])
    // The bank was asked only when its place on the disk was sure, and lost is only what no call had written yet.
    expect(ofCall).toMatchObject({
      'pwrite64 2': 'none',
      'pwrite64 3': 'lost',
      'ftruncate 1': 'pending',
      'rename 1': 'pending',
    })
  })

  const moments = isAll ? 100 : 40

  it(`at ${moments} random moments: the same`, { timeout: 300_000 }, async () => {
    const count: Record<Truth, number> = { pending: 0, none: 0, lost: 0 }
    const random = seeded(5)
    const began = performance.now()
    await killed(null, 'child')
    const wholeMs = performance.now() - began
    for (let time = 0; time < moments; time++) {
      // Half anywhere, half around the bank's work, which is short.
      const is =
        time % 2 === 0 ? await killed(random() * wholeMs, 'child') : await killed(random() * 20, 'bank')
      count[is] += 1
    }
    console.log(`pending ${count.pending}, none ${count.none}, lost ${count.lost}`)
    expect(count.pending).toBeGreaterThan(moments / 10)
    expect(count.none).toBeGreaterThan(moments / 10)
  })

  it('after the bank was asked and before it answers: lost, and the parent is told so', async () => {
    anew()
    place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 1500, on: 'token' }] })
    const outcome = place.exchange(await place.comeBack('monzo'))
    await given()
    signalExchange('SIGKILL')
    expect(await outcome).toEqual({
      kind: 'lost',
      says: 'the exchange was ended from outside after the bank was asked',
    })
    expect(await truth(place, 'monzo')).toBe('lost')
  })

  it('before the bank was asked: nothing happened, and the same code works', async () => {
    anew()
    const asked = await place.comeBack('monzo')
    const outcome = place.exchange(asked)
    while (pidOnDisk() === 0) await wait(1)
    signalExchange('SIGKILL')
    expect(await outcome).toEqual({
      kind: 'trouble',
      says: 'the exchange was ended from outside before the bank was asked',
      sent: false,
    })
    expect(await place.exchange(asked)).toEqual({ kind: 'pending' })
  })
})

/** Runs one exchange and kills its process so many ms after its start, or after the bank has done its work; null: not at all. */
async function killed(afterMs: number | null, since: 'child' | 'bank'): Promise<Truth> {
  anew()
  const outcome = place.exchange(await place.comeBack('monzo'))
  const isOver = outcome.then(() => true)
  const reached = since === 'child' ? async () => pidOnDisk() > 0 : async () => place.exchanged('monzo') > 0
  while (!(await reached()) && !(await Promise.race([isOver, wait(1)]))) await wait(0)
  if (afterMs !== null) {
    await Promise.race([isOver, wait(afterMs)])
    const pid = pidOnDisk()
    if (pid > 0) process.kill(pid, 'SIGKILL')
  }
  const { kind } = await outcome
  const is = await truth(place, 'monzo')
  expect(kind).toBe(is === 'none' ? 'trouble' : is)
  return is
}

function pidOnDisk(): number {
  try {
    return Number(readFileSync(join(place.privateFolder, 'monzo.exchange.pid'), 'utf8'))
  } catch {
    return 0 // not there yet, or no more
  }
}

/** Never with 0, which is the whole group of this test. */
function signalExchange(signal: NodeJS.Signals): void {
  const pid = pidOnDisk()
  if (pid === 0) throw new Error('no exchange is at work')
  process.kill(pid, signal)
}

const given = async (): Promise<void> => {
  while (place.exchanged('monzo') === 0) await wait(5)
}

describe('the end of the program that a person sees', () => {
  const start = (asked: Exchange, command = process.execPath, args = [parentProgram]): ChildProcess => {
    const child = spawn(command, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    child.stdin?.end(JSON.stringify(asked))
    return child
  }
  const slow = (): void => {
    anew()
    place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 1200, on: 'token' }] })
  }
  const ended = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  it.each([
    ['kill -9', 'SIGKILL', 1],
    ['Ctrl-C, which goes to the whole process group', 'SIGINT', -1],
    ['a hang-up of the whole process group', 'SIGHUP', -1],
    ['an end of the session by SIGTERM to the group', 'SIGTERM', -1],
  ] as const)(
    '%s while the bank works: the exchange goes on, and the login is there',
    async (_what, signal, sign) => {
      slow()
      const parent = start(await place.comeBack('monzo'))
      await given()
      if (!parent.pid) throw new Error('not started')
      process.kill(sign * parent.pid, signal)
      await ended(parent)
      expect(place.names()).not.toContain('monzo.pending.json')
      expect(await truth(place, 'monzo')).toBe('pending')
    },
  )

  it('closing the terminal: the same', async () => {
    slow()
    const asked = join(place.folder, 'asked.json')
    writeFileSync(asked, JSON.stringify(await place.comeBack('monzo')), { mode: 0o600 })
    const command = `'${process.execPath}' '${parentProgram}' < '${asked}'`
    const terminal = start({} as Exchange, 'script', ['-qec', command, '/dev/null'])
    await given()
    terminal.kill('SIGKILL')
    await ended(terminal)
    expect(await truth(place, 'monzo')).toBe('pending')
  })

  it('is none of the exchange from its first moment: it has a session of its own', async () => {
    slow()
    const outcome = place.exchange(await place.comeBack('monzo'))
    while (pidOnDisk() === 0) await wait(1)
    const pid = pidOnDisk()
    const session = execFileSync('ps', ['-o', 'sid=', '-p', `${pid}`], { encoding: 'utf8' })
    expect(Number(session)).toBe(pid)
    await outcome
  })

  it.each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGTSTP', 'SIGPIPE'] as const)(
    '%s to the exchange itself does not end it',
    async (signal) => {
      slow()
      const outcome = place.exchange(await place.comeBack('monzo'))
      await given()
      signalExchange(signal)
      expect(await outcome).toEqual({ kind: 'pending' })
    },
  )

  it('at random moments: the truth again, from the disk alone', async () => {
    const random = seeded(7)
    const count: Record<Truth, number> = { pending: 0, none: 0, lost: 0 }
    anew()
    const began = performance.now()
    await ended(start(await place.comeBack('monzo')))
    const wholeMs = performance.now() - began
    for (let time = 0; time < (isAll ? 25 : 10); time++) {
      anew()
      const parent = start(await place.comeBack('monzo'))
      await wait(random() * wholeMs)
      parent.kill('SIGKILL')
      await ended(parent)
      count[await truth(place, 'monzo')] += 1
    }
    // With nobody but the program that a person sees killed, nothing is ever lost.
    expect(count.lost).toBe(0)
    expect(Math.min(count.pending, count.none)).toBeGreaterThan(0)
  })
})

describe('an exchange that is still at work', () => {
  it('is waited for, and not longer than a while', async () => {
    anew()
    place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 1500, on: 'token' }] })
    const outcome = place.exchange(await place.comeBack('monzo'))
    await given()
    const pid = pidOnDisk()
    await expect(recoverExchange('monzo', place.folder, 300)).rejects.toMatchObject({
      exitCode: 1,
      lines: {
        what: 'the exchange of the last login is not over yet',
        why: `its process ${pid} did not end within 0 s`,
        next: `ps -o pid,stat,etime,args -p ${pid}`,
        left: "whatever it gets goes to this Mac's disk; npm run reauth -- monzo then carries on",
      },
    })
    expect(await recoverExchange('monzo', place.folder)).toEqual({ kind: 'pending' })
    expect(await outcome).toEqual({ kind: 'pending' })
  })

  it('is left alone by another one, which waits and then finds its login', async () => {
    anew()
    place.banks.monzo.knob({ trouble: [{ how: 'slow', ms: 1000, on: 'token' }] })
    const first = place.exchange(await place.comeBack('monzo'))
    await given()
    const second = place.exchange(await place.comeBack('monzo'))
    expect(await first).toEqual({ kind: 'pending' })
    await expect(second).rejects.toMatchObject({ lines: { what: 'an earlier login was not finished' } })
    expect(place.exchanged('monzo')).toBe(1)
  })

  it('and one that begins in the same moment: one of them goes through, and nothing of it is lost', async () => {
    for (let time = 0; time < 5; time++) {
      anew()
      const asked = [await place.comeBack('monzo'), await place.comeBack('monzo')]
      const ends = await Promise.allSettled(asked.map((one) => place.exchange(one)))
      const kinds = ends.map((end) => (end.status === 'fulfilled' ? end.value.kind : 'refused'))
      expect(kinds.sort()).toEqual(['pending', 'refused'])
      expect(await truth(place, 'monzo')).toBe('pending')
    }
  })

  it('is not taken for the process of somebody else that has its id now', async () => {
    anew()
    mkdirSync(place.privateFolder, { mode: 0o700 })
    writeFileSync(join(place.privateFolder, 'monzo.exchange.pid'), `${process.pid}\n`, { mode: 0o600 })
    expect(await recoverExchange('monzo', place.folder)).toEqual({ kind: 'none', says: null })
  })
})

describe('a disk that refuses', () => {
  const inject = (call: string, error: string, when: string) => [
    '-e',
    `inject=${call}:error=${error}:when=${when}`,
  ]

  it.each([
    ['openat', 'ENOSPC', '1', 'no space is left on the disk'],
    ['pwrite64', 'ENOSPC', '1', 'no space is left on the disk'],
    ['fsync', 'EIO', '1', 'the disk answers with an error'],
    ['fsync', 'EIO', '2', 'the disk answers with an error'],
    ['pwrite64', 'EROFS', '2', 'the disk is read-only'],
    ['fsync', 'EIO', '3', 'the disk answers with an error'],
  ])('%s with %s, number %s, before the POST: nothing is exchanged', async (call, error, when, says) => {
    const { said } = await traced(inject(call, error, when))
    expect(JSON.parse(said)).toEqual({
      kind: 'trouble',
      says: `this Mac's disk refuses: ${says}`,
      sent: false,
    })
    expect(place.exchanged('monzo')).toBe(0)
    expect(await truth(place, 'monzo')).toBe('none')
  })

  it.each([
    ['pwrite64', 'ENOSPC', '3..4'],
    ['ftruncate', 'EIO', '1'],
    ['fsync', 'EIO', '4..5'],
  ])('%s with %s, number %s, for the reply: written again until it is there', async (call, error, when) => {
    const { said } = await traced(inject(call, error, when))
    expect(JSON.parse(said)).toEqual({ kind: 'pending' })
    expect(await truth(place, 'monzo')).toBe('pending')
  })

  it('for good: the login is lost, and it says why', async () => {
    const { said } = await traced(inject('pwrite64', 'ENOSPC', '3+'), 500)
    expect(JSON.parse(said)).toEqual({
      kind: 'lost',
      says: "the answer could not be written to this Mac's disk: no space is left on the disk",
    })
    expect(await truth(place, 'monzo')).toBe('lost')
  })

  it('at the rename: the login is there, and found again', async () => {
    await traced(inject('rename', 'EIO', '1'))
    expect(place.names()).toContain('monzo.exchange')
    expect(await truth(place, 'monzo')).toBe('pending')
  })

  it.each([
    ['48k', { kind: 'trouble', says: "this Mac's disk refuses: no space is left on the disk", sent: false }],
    ['4k', { thrown: expect.stringMatching(/^cannot write .*\/\.reauth\/.*/) }],
  ])('full, for real, with %s left: nothing is exchanged', async (size, says) => {
    anew()
    const asked = await place.comeBack('monzo')
    const mount = `mount -t tmpfs -o size=${size},mode=700 tmpfs '${place.folder}' && exec '${process.execPath}' '${parentProgram}'`
    const child = spawn('unshare', ['-rm', 'sh', '-c', mount], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify(asked))
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(JSON.parse(said.toString())).toEqual(says)
    expect(place.exchanged('monzo')).toBe(0)
  })
})
