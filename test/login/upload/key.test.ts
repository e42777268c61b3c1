import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Agent, startAgent, startSilentAgent } from './agent.ts'
import { type HostKeyType, keygen } from './own-sshd.ts'
import { closeMaster, makeScene, problemOf, type Scene } from './scene.ts'

const passphrase = 'canary-passphrase'
const content = Buffer.from('{"refresh_token":"canary-of-the-key-test"}')
const noKey = 'no key in the agent or in a file without passphrase that ssh2 can use'

let scene: Scene
let agent: Agent
const at = (name: string): string => join(scene.folder, name)
const identity = (name: string, ...more: string[]): void =>
  scene.configure([`IdentityFile ${at(name)}`, `IdentityAgent ${agent.socket}`, ...more])

beforeAll(async () => {
  scene = await makeScene({})
  agent = await startAgent(scene.folder)
  for (const type of ['ed25519', 'rsa', 'ecdsa'] as HostKeyType[]) keygen(at(`plain_${type}`), type)
  keygen(at('locked'), 'ed25519', passphrase)
  keygen(at('locked_rsa'), 'rsa', passphrase)
  for (const name of ['unknown1', 'unknown2', 'unknown3']) keygen(at(name), 'ed25519')
  // every key but the unknown ones is let in
  const let_in = ['plain_ed25519', 'plain_rsa', 'plain_ecdsa', 'locked', 'locked_rsa']
  writeFileSync(at('sshd/authorized'), let_in.map((name) => readFileSync(at(`${name}.pub`), 'utf8')).join(''))
  rmSync(scene.key)
})
beforeEach(() => {
  agent.forgetAll()
  closeMaster(scene.config)
})
afterAll(async () => {
  await agent.stop()
  await scene.end()
})

async function uploads(how: 'sftp' | 'ssh' = 'sftp', why: string | null = null): Promise<void> {
  const upload = await scene.open()
  expect({ how: upload.how, why: upload.why }).toEqual({ how, why })
  await upload.put('monzo.tokens', content)
  expect(readFileSync(join(scene.staging, 'monzo.tokens')).equals(content)).toBe(true)
  await upload.end()
}

for (const type of ['ed25519', 'rsa', 'ecdsa']) {
  it(`a key file of type ${type} logs in`, async () => {
    identity(`plain_${type}`)
    await uploads()
  })

  it(`a key of type ${type} in the agent logs in, with no file to it`, async () => {
    agent.add(at(`plain_${type}`))
    scene.configure(['IdentityFile none', `IdentityAgent ${agent.socket}`, 'IdentitiesOnly no'])
    await uploads()
  })
}

it('an encrypted key logs in once the agent has it, also where only the named keys may be offered', async () => {
  for (const name of ['locked', 'locked_rsa']) agent.add(at(name), passphrase)
  identity('locked', 'IdentitiesOnly yes')
  await uploads()
  identity('locked_rsa', 'IdentitiesOnly yes')
  await uploads()
})

it('the agent is the one of the environment where the configuration names none', async () => {
  agent.add(at('plain_ed25519'))
  const before = process.env.SSH_AUTH_SOCK
  process.env.SSH_AUTH_SOCK = agent.socket
  scene.configure(['IdentityFile none', 'IdentityAgent SSH_AUTH_SOCK', 'IdentitiesOnly no'])
  await uploads()
  process.env.OTHER_AGENT = agent.socket
  process.env.SSH_AUTH_SOCK = at('no-such-agent')
  scene.configure(['IdentityFile none', 'IdentityAgent $OTHER_AGENT', 'IdentitiesOnly no'])
  await uploads()
  if (before === undefined) delete process.env.SSH_AUTH_SOCK
  else process.env.SSH_AUTH_SOCK = before
  delete process.env.OTHER_AGENT
})

it('IdentitiesOnly keeps the other keys of the agent from being offered', async () => {
  for (const name of ['unknown1', 'unknown2', 'plain_ed25519']) agent.add(at(name))
  identity('plain_rsa', 'IdentitiesOnly yes')
  const from = scene.sshd.log().length
  await uploads()
  const log = scene.sshd.log().slice(from)
  expect(log.match(/Accepted publickey/g)).toHaveLength(1)
  expect(log).toMatch(/Accepted publickey for \S+ from \S+ port \d+ ssh2: RSA/)
  expect(log).not.toContain('Failed publickey')
})

it('wrong keys of the agent come before a right file, as for ssh', async () => {
  for (const name of ['unknown1', 'unknown2', 'unknown3']) agent.add(at(name))
  identity('plain_ed25519', 'IdentitiesOnly no')
  await uploads()
})

it('an agent that is not there, or hangs, does not keep a key file from being used', async () => {
  scene.configure([`IdentityFile ${at('plain_ed25519')}`, `IdentityAgent ${at('nowhere')}`])
  await uploads()
  const socket = at('silent.sock')
  const stop = await startSilentAgent(socket)
  scene.configure([`IdentityFile ${at('plain_ed25519')}`, `IdentityAgent ${socket}`])
  await uploads()
  await stop()
})

it('a key file that others can read is not used, as ssh does not', async () => {
  copyFileSync(at('plain_ed25519'), at('open'))
  chmodSync(at('open'), 0o644)
  identity('open')
  const problem = await problemOf(scene.open())
  expect(problem.lines.why).toContain('Permission denied')
  expect(problem.exitCode).toBe(3)
})

it('where no key can be used, ssh has the last word: its words are the reason', async () => {
  identity('locked')
  const problem = await problemOf(scene.open())
  expect(problem.lines).toEqual({
    what: 'cannot upload to hinata-z2',
    why: expect.stringMatching(/^\S+@127\.0\.0\.1: Permission denied \(publickey\)\.$/),
    next: `ssh -F ${at('ssh_config')} hinata-z2 true`,
    left: 'nothing was sent',
  })
  expect(scene.staged().filter((name) => name !== 'monzo.tokens')).toEqual([])
})

it('where ssh is logged in already with what ssh2 cannot use, its connection is used', async () => {
  agent.add(at('locked'), passphrase)
  identity('locked')
  // the master that looks and repairs open, made while the agent had the key
  const { sshArguments } = await import('../../../lib/ssh-options.ts')
  execFileSync('ssh', [...sshArguments(scene.config), 'true'], { cwd: scene.folder, stdio: 'ignore' })
  agent.forgetAll()
  const before = scene.logins()
  await uploads('ssh', noKey)
  expect(scene.logins()).toBe(before)
})

it('a certificate is what only ssh can use', async () => {
  const authority = at('user_authority')
  keygen(authority, 'ed25519')
  keygen(at('certified'), 'ed25519')
  const me = process.env.USER ?? execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', me, at('certified.pub')])
  writeFileSync(
    at('sshd/authorized'),
    `${readFileSync(at('sshd/authorized'), 'utf8')}cert-authority ${readFileSync(`${authority}.pub`, 'utf8')}`,
  )
  identity('certified')
  await uploads('ssh', 'none of the keys that ssh2 can use was let in')
})

it('a login without keys is left to ssh', async () => {
  identity('plain_ed25519', 'PubkeyAuthentication no')
  expect((await problemOf(scene.open())).lines.why).toContain('Permission denied')
})
