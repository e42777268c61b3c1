import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startSilentAgent } from './agent.ts'
import { closeMaster, makeScene, type Scene } from './scene.ts'

/** what a process may still have to do once it was told that all has ended */
const promptMs = 1500

let scene: Scene
beforeAll(async () => {
  scene = await makeScene({})
})
beforeEach(() => scene.configure())
afterAll(() => scene.end())

/** How long a process that uploads one file lives on after end(), and how it ended. */
async function lifeAfter({ folder } = scene): Promise<{ ms: number; code: number | null }> {
  const program = join(import.meta.dirname, 'one-upload.ts')
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'ignore'] })
  let ended = 0
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('ended')) ended = performance.now()
  })
  const code = await new Promise<number | null>((done) => child.once('exit', done))
  return { ms: performance.now() - ended, code }
}

/** sshd takes a moment to see that a client has gone */
async function closed({ sshd } = scene): Promise<void> {
  for (let left = 100; sshd.sessions().length > 0 && left > 0; left--) await wait(20)
  expect(sshd.sessions()).toEqual([])
}

it('nothing keeps a process alive after end(), and no connection is left', async () => {
  const { ms, code } = await lifeAfter()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(promptMs)
  await closed()
})

it('nor after a jump', async () => {
  scene.configure([
    `ProxyCommand ssh -F ${scene.folder}/ssh_config -o ProxyCommand=none -W '[%h]:%p' hinata-z2`,
  ])
  const { ms, code } = await lifeAfter()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(promptMs)
})

it('nor after an agent that hangs', async () => {
  const socket = join(scene.folder, 'silent.sock')
  const stop = await startSilentAgent(socket)
  scene.configure([`IdentityAgent ${socket}`])
  const { ms, code } = await lifeAfter()
  await stop()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(promptMs)
})

it('nor after a host key that is not believed', async () => {
  scene.know(`[127.0.0.1]:${scene.sshd.port} ${scene.sshd.hostKey('ed25519').replace(/.{8}$/, 'AAAAAAAA')}`)
  const { ms, code } = await lifeAfter()
  scene.know(scene.entry())
  expect(code).toBe(1)
  expect(ms).toBeLessThan(promptMs)
  await closed()
})

it('nor after a login that led to no SFTP: of that connection nothing is left, and ssh has its own', async () => {
  const one = await makeScene({ lines: ['# no subsystem'] })
  const { ms, code } = await lifeAfter(one)
  expect(code).toBe(0)
  expect(ms).toBeLessThan(promptMs)
  closeMaster(one.config)
  await closed(one)
  await one.end()
})
