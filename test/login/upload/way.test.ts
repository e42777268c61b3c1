import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sshArguments } from '../../../lib/ssh-options.ts'
import { type Sshd, sftpServer, startSshd } from './own-sshd.ts'
import { closeMaster, makeScene, problemOf, type Scene } from './scene.ts'

const content = Buffer.from('{"refresh_token":"canary-of-the-way-test"}')

async function uploads(scene: Scene, how: 'sftp' | 'ssh', why: string | null): Promise<void> {
  const upload = await scene.open()
  expect({ how: upload.how, why: upload.why }).toEqual({ how, why })
  await upload.put('monzo.tokens', content)
  expect(readFileSync(join(scene.staging, 'monzo.tokens')).equals(content)).toBe(true)
  await upload.remove('monzo.tokens')
  expect(scene.staged()).toEqual([])
  await upload.end()
}

/** What this process has started and not ended. */
const children = (): string[] =>
  execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith(`${process.pid} `) && !/ps -A|\/sshd -D| -D -e|\[mux\]/.test(line))

describe('behind another host', () => {
  let scene: Scene
  let jump: Sshd
  const blocks = (): string[] =>
    ['bastion', 'second'].map((name) =>
      [
        `Host ${name}`,
        '  HostName 127.0.0.1',
        `  Port ${jump.port}`,
        `  User ${userInfo().username}`,
        `  IdentityFile ${scene.key}`,
        '  IdentitiesOnly yes',
        '  IdentityAgent none',
        `  UserKnownHostsFile ${join(scene.folder, 'known_hosts')}`,
      ].join('\n'),
    )

  beforeAll(async () => {
    scene = await makeScene({})
    jump = await startSshd(join(scene.folder, 'jump'), [readFileSync(`${scene.key}.pub`, 'utf8')])
  })
  beforeEach(() => scene.know(scene.entry(), `[127.0.0.1]:${jump.port} ${jump.hostKey('ed25519')}`))
  afterAll(async () => {
    await jump.stop()
    await scene.end()
  })
  const jumps = (): number => jump.log().match(/Accepted publickey/g)?.length ?? 0

  for (const [says, line] of [
    ['ProxyJump by alias', () => 'ProxyJump bastion'],
    ['ProxyJump over two hosts', () => 'ProxyJump bastion,second'],
    ['ProxyJump with user and port', () => `ProxyJump ${userInfo().username}@bastion:${jump.port}`],
    ['ProxyCommand', () => `ProxyCommand ssh -F ${join(scene.folder, 'ssh_config')} -W '[%h]:%p' bastion`],
  ] as const) {
    it(`${says}: the way is the same as ssh's, and nothing is left behind`, async () => {
      scene.configure([line()], blocks())
      const before = jumps()
      const own = children()
      await uploads(scene, 'sftp', null)
      expect(jumps()).toBe(before + (says.includes('two') ? 2 : 1))
      expect(children()).toEqual(own)
    })
  }

  it('a ProxyCommand that starts others in turn is ended with them', async () => {
    const script = join(scene.folder, 'proxy.sh')
    writeFileSync(
      script,
      `cat | "${process.execPath}" -e "const s=require('net').connect($2,'$1');process.stdin.pipe(s).pipe(process.stdout);setInterval(()=>0,1000)"\n`,
    )
    scene.configure([`ProxyCommand sh ${script} %h %p`])
    const running = (): number =>
      execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes(`connect(${scene.sshd.port}`)).length
    await uploads(scene, 'sftp', null)
    expect(running()).toBe(0)
  })

  it('a jump that does not know the way is told in the words of ssh', async () => {
    scene.configure(['ProxyJump nowhere.invalid'], blocks())
    const problem = await problemOf(scene.open())
    expect(problem.exitCode).toBe(3)
    expect(problem.lines.what).toBe('cannot upload to hinata-z2')
    expect(problem.lines.left).toBe('nothing was sent')
  })

  it('the host behind is not believed more than one in front', async () => {
    scene.know(
      `[127.0.0.1]:${jump.port} ${jump.hostKey('ed25519')}`,
      `[127.0.0.1]:${scene.sshd.port} ${jump.hostKey('ed25519')}`,
    )
    scene.configure(['ProxyJump bastion'], blocks())
    expect((await problemOf(scene.open())).lines.what).toContain('it shows another host key')
  })
})

describe('where ssh2 cannot and ssh can', () => {
  const cases: [string, string[], string][] = [
    ['SFTP is switched off', ['# no subsystem'], 'SFTP is switched off there'],
    [
      'the host has only a key exchange that ssh2 has not',
      ['Subsystem sftp internal-sftp', 'KexAlgorithms sntrup761x25519-sha512@openssh.com'],
      'ssh2 and the host have no key exchange algorithm in common',
    ],
    [
      'the host has only a cipher that ssh2 is slow with, and none in common',
      ['Subsystem sftp internal-sftp', 'Ciphers aes256-cbc'],
      'ssh2 and the host have no cipher in common',
    ],
    [
      'a login shell prints before everything',
      [
        `Subsystem sftp ${sftpServer}`,
        'ForceCommand echo "=== 3 updates wait for you ==="; eval "$SSH_ORIGINAL_COMMAND"',
      ],
      'something prints into SFTP there',
    ],
  ]
  for (const [says, lines, why] of cases) {
    it(`${says}: it goes through ssh, and says why`, async () => {
      const scene = await makeScene({ lines })
      if (why.includes('cipher')) scene.configure(['Ciphers +aes256-cbc'])
      await uploads(scene, 'ssh', why)
      await scene.end()
    })
  }

  it('a setting that only ssh understands is left to ssh', async () => {
    const scene = await makeScene({})
    writeFileSync(join(scene.folder, 'revoked'), '')
    scene.configure([`RevokedHostKeys ${join(scene.folder, 'revoked')}`])
    await uploads(scene, 'ssh', 'only ssh can read the RevokedHostKeys that are set')
    scene.configure(['BindAddress 127.0.0.1'])
    await uploads(scene, 'ssh', 'ssh is told which of the addresses here to go out from')
    scene.configure(['KexAlgorithms sntrup761x25519-sha512@openssh.com'])
    await uploads(scene, 'ssh', 'ssh is told to use a key exchange that ssh2 has not')
    await scene.end()
  })

  it('its one connection is shared: a live master is used, and none is opened beside it', async () => {
    const scene = await makeScene({ lines: ['# no subsystem'] })
    execFileSync('ssh', [...sshArguments(scene.config), 'true'], { cwd: scene.folder, stdio: 'ignore' })
    const before = scene.logins()
    const upload = await scene.open()
    await upload.put('monzo.tokens', content)
    await upload.end()
    // the one that found SFTP switched off
    expect(scene.logins()).toBe(before + 1)
    closeMaster(scene.config)
    await scene.end()
  })
})

it('over SFTP it is one connection beside a live master, however many files', async () => {
  const scene = await makeScene({})
  execFileSync('ssh', [...sshArguments(scene.config), 'true'], { cwd: scene.folder, stdio: 'ignore' })
  const before = scene.logins()
  const upload = await scene.open()
  for (const name of ['monzo.try', 'monzo.credentials', 'monzo.tokens']) await upload.put(name, content)
  await upload.end()
  expect(scene.logins()).toBe(before + 1)
  await scene.end()
})

it('without ssh, or with a configuration that ssh refuses, it says what to do', async () => {
  const scene = await makeScene({})
  writeFileSync(join(scene.folder, 'ssh_config'), 'Nonsense yes\n')
  const refused = await problemOf(scene.open())
  expect(refused.lines.why).toMatch(/^ssh -G: /)
  expect(refused.exitCode).toBe(3)
  const path = process.env.PATH
  process.env.PATH = scene.folder
  const missing = await problemOf(scene.open())
  process.env.PATH = path
  expect(missing.lines).toEqual({
    what: 'cannot upload to hinata-z2',
    why: 'ssh could not be started (ENOENT)',
    next: 'install an OpenSSH client',
    left: 'nothing was sent',
  })
  await scene.end()
})
