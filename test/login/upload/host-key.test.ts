import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keygen } from './own-sshd.ts'
import { closeMaster, makeScene, problemOf, type Scene } from './scene.ts'

const content = Buffer.from('{"refresh_token":"canary-of-the-host-key-test"}')
let scene: Scene
const other = (name: string, type: 'ed25519' | 'rsa' = 'ed25519'): string => {
  const file = join(scene.folder, name)
  keygen(file, type)
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
}
const name = (): string => `[127.0.0.1]:${scene.sshd.port}`

beforeAll(async () => {
  // a space and a percent sign in every path: both mean something in ssh_config, and ssh -G prints paths without quotes
  scene = await makeScene({ name: 'a Mac, 100%', hostKeys: ['ed25519', 'rsa', 'ecdsa'] })
})
beforeEach(() => scene.configure())
afterAll(() => scene.end())

async function uploads(): Promise<void> {
  const upload = await scene.open()
  expect({ how: upload.how, why: upload.why }).toEqual({ how: 'sftp', why: null })
  await upload.put('monzo.tokens', content)
  expect(readFileSync(join(scene.staging, 'monzo.tokens')).equals(content)).toBe(true)
  await upload.remove('monzo.tokens')
  expect(scene.staged()).toEqual([])
  await upload.end()
}

describe('a host key that is known', () => {
  for (const type of ['ed25519', 'rsa', 'ecdsa'] as const) {
    it(`is believed where ${type} is the only kind that is known of a host with three`, async () => {
      scene.know(scene.entry(type))
      await uploads()
    })
  }

  it('is found in a hashed file', async () => {
    scene.know(scene.entry())
    execFileSync('ssh-keygen', ['-H', '-f', join(scene.folder, 'known_hosts')], { stdio: 'ignore' })
    expect(readFileSync(join(scene.folder, 'known_hosts'), 'utf8')).toMatch(/^\|1\|/)
    await uploads()
  })

  it('is found under its name without the port, as ssh does', async () => {
    scene.know(`127.0.0.1 ${scene.sshd.hostKey('ed25519')}`)
    await uploads()
  })

  it('is found by a pattern, and not where a pattern excludes it', async () => {
    scene.know(`[127.0.0.*]:* ${scene.sshd.hostKey('ed25519')}`)
    await uploads()
    scene.know(`[127.0.0.*]:*,!${name()} ${scene.sshd.hostKey('ed25519')}`)
    expect((await problemOf(scene.open())).lines.what).toContain('nobody has vouched')
  })

  it('is found by its alias', async () => {
    scene.configure(['HostKeyAlias the-real-z2'])
    scene.know(`the-real-z2 ${scene.sshd.hostKey('ed25519')}`)
    await uploads()
  })

  it('is found in the second of several files, and in the file of the machine', async () => {
    mkdirSync(join(scene.folder, 'more'), { recursive: true })
    const second = join(scene.folder, 'more', 'known hosts')
    writeFileSync(second, `${scene.entry()}\n`)
    scene.know('')
    const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`
    scene.configure([
      `UserKnownHostsFile ${quoted(join(scene.folder, 'none'))} ${quoted(join(scene.folder, 'known_hosts'))} ${quoted(second)}`,
    ])
    await uploads()
    scene.configure([`GlobalKnownHostsFile ${quoted(second)}`])
    await uploads()
  })

  it('is believed beside stale keys of other kinds', async () => {
    scene.know(`${name()} ${other('stale', 'rsa')}`, scene.entry())
    await uploads()
  })
})

describe('a host key that must not be believed', () => {
  const refused = async (): Promise<Awaited<ReturnType<typeof problemOf>>> => {
    const [before, log] = [scene.logins(), scene.sshd.log().length]
    const problem = await problemOf(scene.open())
    expect(problem.exitCode).toBe(3)
    expect(problem.lines.left).toBe('nothing was sent')
    expect(scene.logins()).toBe(before)
    expect(scene.sshd.log().slice(log)).not.toMatch(/publickey/)
    expect(scene.staged()).toEqual([])
    return problem
  }

  it('is one that nobody knows', async () => {
    scene.know('# nothing')
    const { lines } = await refused()
    expect(lines).toEqual({
      what: 'cannot upload to hinata-z2: nobody has vouched for its host key yet',
      why: `no key of ${name()} or 127.0.0.1 in ${join(scene.folder, 'known_hosts')}`,
      next:
        `ssh -F '${join(scene.folder, 'ssh_config')}' hinata-z2 true\n` +
        "before you say yes, compare the key that it shows: on the host's own console, for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done",
      left: 'nothing was sent',
    })
  })

  it('is another than the known one, and no other way is tried', async () => {
    scene.know(`${name()} ${other('another')}`)
    const { lines } = await refused()
    expect(lines.what).toBe('cannot upload to hinata-z2: it shows another host key than the known one')
    expect(lines.why).toMatch(
      /^ssh-ed25519 SHA256:[A-Za-z0-9+/]{43} is not among the known keys of \[127\.0\.0\.1\]:\d+ \(1\): another machine answers, or this one was installed anew$/,
    )
    expect(lines.next).toBe(
      "on the host's own console, to compare: for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done\n" +
        `then ssh -F '${join(scene.folder, 'ssh_config')}' hinata-z2 true names the line of known_hosts that is wrong`,
    )
  })

  it('is another even where ssh itself would take any', async () => {
    scene.configure(['StrictHostKeyChecking no'])
    scene.know(`${name()} ${other('any')}`)
    await refused()
  })

  it('is one that nobody knows, also where ssh is told to learn new ones and is the one to go', async () => {
    scene.know('# nothing')
    scene.configure(['StrictHostKeyChecking accept-new', 'BindAddress 127.0.0.1'])
    const { lines } = await refused()
    expect(lines.why).toContain('Host key verification failed')
    expect(readFileSync(join(scene.folder, 'known_hosts'), 'utf8')).toBe('# nothing\n')
  })

  it('is one that was revoked, also under another pattern', async () => {
    scene.know(scene.entry(), `@revoked * ${scene.sshd.hostKey('ed25519')}`)
    const { lines } = await refused()
    expect(lines.what).toBe('cannot upload to hinata-z2: its host key was revoked')
    expect(lines.why).toMatch(
      /^ssh-ed25519 SHA256:\S+ is marked @revoked for \[127\.0\.0\.1\]:\d+ in a known_hosts file$/,
    )
  })

  it('is missing where the host has none of the kinds that are known', async () => {
    const one = await makeScene({ hostKeys: ['rsa'] })
    one.know(`[127.0.0.1]:${one.sshd.port} ${other('lone')}`)
    const { lines } = await problemOf(one.open())
    await one.end()
    expect(lines.what).toBe('cannot upload to hinata-z2: it shows no host key of a kind that is known')
    expect(lines.why).toMatch(/^only ssh-ed25519 is known of \[127/)
  })
})

it('a host that only a certificate authority vouches for is reached through ssh, which can check that', async () => {
  const one = await makeScene({})
  const authority = join(one.folder, 'authority')
  keygen(authority, 'ed25519')
  const hostKey = join(one.folder, 'sshd', 'host_ed25519')
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'z2', '-h', '-n', '127.0.0.1', `${hostKey}.pub`])
  const known = `@cert-authority [127.0.0.1]:* ${readFileSync(`${authority}.pub`, 'utf8').trim()}`
  // an sshd without the certificate: ssh finds no key that it knows either
  one.know(known)
  // without the certificate ssh finds no key that it knows either
  expect((await problemOf(one.open())).lines.why).toContain('Host key verification failed')
  const two = await makeScene({
    lines: ['Subsystem sftp internal-sftp', `HostKey "${hostKey}"`, `HostCertificate "${hostKey}-cert.pub"`],
  })
  two.know(known)
  const upload = await two.open()
  expect(upload.how).toBe('ssh')
  expect(upload.why).toBe('a certificate authority vouches for the host, which only ssh can check')
  await upload.put('monzo.tokens', content)
  expect(readFileSync(join(two.staging, 'monzo.tokens')).equals(content)).toBe(true)
  await upload.end()
  closeMaster(two.config)
  await two.end()
  await one.end()
})
