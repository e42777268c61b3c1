import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listenForCallback } from '../../../lib/io/login/callback-server.ts'
import { freePort, ownerByLsof, portOwner, portProblem } from '../../../lib/io/login/port-owner.ts'
import { Problem } from '../../../lib/problem.ts'
import { anyPort } from '../../any-port.ts'

/** Another process that listens on a port, run from a file of this name. */
async function holder(port: number, host: string, file: string): Promise<ChildProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bulma-port-'))
  mkdirSync(join(folder, 'scripts'))
  const path = join(folder, file)
  writeFileSync(
    path,
    `require('node:net').createServer().listen(${port}, '${host}', () => console.log('listening'))`,
  )
  const child = spawn(process.execPath, [path, 'monzo'], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

const problemAt = async (port: number, command?: string): Promise<Problem> => {
  const redirectUri = `http://localhost:${port}/truelayer/callback`
  const told = (): void => undefined
  const listening = listenForCallback({
    bank: 'truelayer',
    redirectUri,
    port,
    state: 's',
    told,
    ...(command === undefined ? {} : { command }),
  })
  const error: unknown = await listening.then(
    (callback) => callback.close(),
    (reason: unknown) => reason,
  )
  if (!(error instanceof Problem)) throw error ?? new Error('the port was free')
  return error
}

const listening = (port: number, host: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(port, host, () => resolve(server))
    onTestFinished(() => void server.close())
  })

// macOS lets us have the loopback address beside somebody's every address, and sends the browser to us.
const everywhere = process.platform === 'linux' ? ['0.0.0.0', '::'] : []

describe('a port that is taken', () => {
  it.each(['127.0.0.1', '::1', ...everywhere])(
    'by another program on %s: its name, pid and the two flags',
    async (host) => {
      const port = await anyPort()
      const { pid } = await holder(port, host, 'elsewhere.cjs')
      const { lines, exitCode } = await problemAt(port)
      expect(exitCode).toBe(1)
      expect(lines.why).toBe(`${basename(process.execPath)}, pid ${pid}, listens on it`)
      const free = lines.next.match(
        /^npm run reauth -- truelayer --port (\d+) --redirect-uri http:\/\/localhost:(\d+)\/truelayer\/callback\n/,
      )
      expect(free?.[1]).toBe(free?.[2])
      expect(Number(free?.[1])).toBeGreaterThanOrEqual(8766)
      expect(Number(free?.[1])).toBeLessThanOrEqual(8775)
    },
  )

  it('by another program: what was typed is typed again with the two flags', async () => {
    const port = await anyPort()
    await holder(port, '127.0.0.1', 'elsewhere.cjs')
    const { lines } = await problemAt(port, 'npm run reauth -- truelayer --force')
    expect(lines.next).toMatch(/^npm run reauth -- truelayer --force --port \d+ --redirect-uri /)
  })

  it('by a login of ours: no flags', async () => {
    const port = await anyPort()
    const { pid } = await holder(port, '127.0.0.1', 'scripts/reauth.ts')
    const { lines } = await problemAt(port)
    expect(lines.why).toBe(`another npm run reauth holds it, pid ${pid}: a login is under way there`)
    expect(lines.next).not.toContain('--')
  })

  it('on ::1 alone leaves 127.0.0.1 as it was', async () => {
    const port = await anyPort()
    await holder(port, '::1', 'elsewhere.cjs')
    await problemAt(port)
    await listening(port, '127.0.0.1')
  })
})

describe('who holds a port', () => {
  it('is nobody when nobody listens', async () => {
    expect(await portOwner(await anyPort())).toBeNull()
  })

  // Where there is no lsof, the owner is not known, and the message says so.
  it('is told by lsof as it is by /proc', async () => {
    const port = await anyPort()
    const { pid } = await holder(port, '127.0.0.1', 'scripts/reauth.ts')
    const owner = await ownerByLsof(port)
    const hasLsof = (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'lsof')))
    expect(owner && { pid: owner.pid, isOurs: owner.isOurs }).toEqual(hasLsof ? { pid, isOurs: true } : null)
    expect(await ownerByLsof(await anyPort())).toBeNull()
  })
})

describe('a free port', () => {
  it('is the first that nobody has on either address', async () => {
    const [one, two, three] = [await anyPort(), await anyPort(), await anyPort()]
    await listening(one, '127.0.0.1')
    await listening(two, '::1')
    expect(await freePort([one, two, three])).toBe(three)
    expect(await freePort([one, two])).toBeNull()
  })
})

describe('any other trouble with the port', () => {
  const address = { redirectUri: 'http://localhost:80/x', port: 80, path: '/x' }
  it('is told when it is not allowed, and else passed on', async () => {
    const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES' })
    expect(await portProblem(denied, address, 'npm run reauth -- monzo')).toMatchObject({ exitCode: 64 })
    const odd = Object.assign(new Error('listen EMFILE'), { code: 'EMFILE' })
    expect(await portProblem(odd, address, 'npm run reauth -- monzo')).toBe(odd)
  })
})
