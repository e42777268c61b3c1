import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startSshd } from '../login/upload/own-sshd.ts'
import { isAll } from '../run-kind.ts'
import { about } from './row.ts'
import { blocked, codes, newStage, type Stage } from './stage.ts'
import { overWire } from './wired.ts'

// The way to Z2, broken in every place. Whatever it is, each command says that it could not look, soon, and changes nothing.

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage()
})
afterEach(async () => {
  await stage.project.lab('mend')
  stage.hangUp()
})
afterAll(() => stage.end())

/** For the ordinary run, the quickest of them. */
const sample = blocked.filter(({ name }) => ['drift', 'doctor'].includes(name))
const commands = isAll ? blocked : sample

type Way = {
  fault: string
  sees: string
  /** of ssh_config */
  change?: (text: string) => string
  plant?: string
  env?: () => Record<string, string>
  /** in the ordinary run too */
  always?: boolean
}

const setting = (name: string, value: string) => (text: string) =>
  `${text.replace(new RegExp(`^ {2}${name} .*\n`, 'm'), '')}  ${name} ${value}\n`

const strangerKey = (): string => {
  const path = stage.file('.lab/stranger')
  rmSync(path, { force: true })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  return path
}

const ways: Way[] = [
  { fault: 'port refused', sees: 'Connection refused', plant: 'port-refused', always: true },
  { fault: 'black hole', sees: 'timed out', plant: 'black-hole' },
  {
    fault: 'name not resolvable',
    sees: 'Could not resolve hostname hinata-z2.invalid',
    change: setting('HostName', 'hinata-z2.invalid'),
  },
  { fault: 'host key changed', sees: 'Host key verification failed', plant: 'host-key' },
  {
    fault: 'key not accepted',
    sees: 'Permission denied (publickey',
    change: (text) => setting('IdentityFile', strangerKey())(text),
  },
  {
    fault: 'agent dead, and no key but those it held',
    sees: 'Permission denied (publickey',
    change: (text) =>
      setting(
        'IdentityAgent',
        '/nonexistent/agent.sock',
      )(text.replace(/^ {2}IdentityFile .*\n/m, '')).replace(
        'IdentitiesOnly yes',
        'IdentitiesOnly no\n  IdentityFile none',
      ),
  },
  {
    fault: 'jump host refuses',
    sees: 'the jump host or proxy command of the ssh configuration ended before the host answered',
    change: (text) => `${text}  ProxyJump nobody@127.0.0.1:9\n`,
  },
  {
    fault: 'proxy command that ends without a word',
    sees: 'the jump host or proxy command of the ssh configuration ended before the host answered',
    change: (text) => `${text}  ProxyCommand true\n`,
  },
  {
    fault: 'ssh_config that ssh refuses',
    sees: 'Bad configuration option',
    change: (text) => `${text}  NoSuchOption yes\n`,
  },
  {
    fault: 'no ssh on PATH',
    sees: 'there is no ssh on PATH',
    env: () => ({ PATH: withoutSsh() }),
  },
]

/** All programs of PATH by links, but ssh. */
function withoutSsh(): string {
  const folder = stage.file('.lab/no-ssh')
  execFileSync('sh', [
    '-c',
    'rm -rf "$1"; mkdir "$1"; IFS=:; for d in $PATH; do for f in "$d"/*; do ln -s "$f" "$1/" 2>/dev/null; done; done; rm "$1/ssh"; true',
    'links',
    folder,
  ])
  return `${folder}`
}

describe.each(ways.filter(({ always }) => isAll || always))('$fault', (way) => {
  it('is told by every command, which change nothing', async ({ task }) => {
    const row = about(task, {
      family: 'ssh',
      fault: way.fault,
      sees: way.sees,
      exit: codes(commands),
      after: 'files, units and chains as they were; mended, the next look is whole',
    })
    // a login waits on the Mac, so that there is something to lose
    await stage.project.lab('break', 'transit-monzo')
    const before = await stage.chains()
    if (way.plant) await stage.project.lab('break', way.plant)
    const told = () => stage.allBlind(commands, way.sees, way.env?.())
    await (way.change ? stage.withSsh(way.change, told) : told())
    row.commands = commands.length
    if (way.plant) await stage.project.lab('mend', way.plant)
    expect(await stage.chains()).toEqual(before)
    await stage.project.lab('mend')
    expect(await stage.off()).toEqual([])
    await stage.keepsChains()
  })
})

/** Looks of every kind that go well, whatever is odd about the way. */
const looks = [
  { name: 'drift', code: 0 },
  { name: 'doctor', code: 0 },
  { name: 'preview', code: 0 },
  { name: 'up', code: 0, more: ['--yes'] },
  { name: 'verify', code: 0, more: ['truelayer'] },
].slice(0, isAll ? 5 : 1)

async function allWell(): Promise<void> {
  for (const { name, code, more = [] } of looks) {
    const ended = await stage.run(name, more)
    expect([name, ended.code], ended.out + ended.err).toEqual([name, code])
  }
}

describe('what is only odd about the way', () => {
  it('a jump host that leads to Z2 is gone through', async ({ task }) => {
    about(task, {
      family: 'ssh',
      fault: 'behind a jump host',
      sees: '21 hold',
      exit: codes(looks),
      after: 'all holds',
    })
    const own = readFileSync(stage.file('.lab/ssh_config'), 'utf8')
    const key = /^ {2}IdentityFile "?([^"\n]*)"?$/m.exec(own)?.[1] ?? ''
    const jump = await startSshd(stage.file('.lab/jump'), [readFileSync(`${key}.pub`, 'utf8')])
    const lines = [
      'Host jump',
      '  HostName 127.0.0.1',
      `  Port ${jump.port}`,
      `  IdentityFile "${key}"`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      '  UserKnownHostsFile /dev/null',
      '  StrictHostKeyChecking no',
      '',
    ]
    try {
      await stage.withSsh((text) => `${text}  ProxyJump jump\n${lines.join('\n')}`, allWell)
    } finally {
      await jump.stop()
    }
    expect(await stage.off()).toEqual([])
  })

  it('the socket of a master that is no more is cleared away', async ({ task }) => {
    about(task, {
      family: 'ssh',
      fault: 'stale ControlMaster socket, as after a reboot of the Mac',
      sees: '21 hold',
      exit: codes(looks),
      after: 'all holds; a live master has taken its place',
    })
    const path = stage.socketPath()
    for (const leaves of ['a socket', 'a file']) {
      stage.hangUp()
      rmSync(path, { force: true })
      if (leaves === 'a file') writeFileSync(path, '', { mode: 0o600 })
      // closed by a kill, so that its file stays
      else
        execFileSync('sh', [
          '-c',
          `"$0" -e "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))" "$1" || true`,
          process.execPath,
          path,
        ])
      await allWell()
    }
    rmSync(path, { force: true })
    expect(await stage.off()).toEqual([])
  })

  it('a master that hangs is given up in bounded time', async ({ task }) => {
    about(task, {
      family: 'ssh',
      fault: 'ControlMaster socket that somebody holds and nobody answers at',
      sees: 'it answered nothing for too long, so the look was given up',
      exit: 'drift 3',
      after: 'unchanged; without that socket the next look is whole',
    })
    if (!isAll) return
    const path = stage.socketPath()
    stage.hangUp()
    rmSync(path, { force: true })
    const held = new Set<Socket>()
    const server = createServer((socket) => void held.add(socket))
    await new Promise<void>((done) => server.listen(path, done))
    try {
      const began = Date.now()
      await stage.allBlind([{ name: 'drift', code: 3 }], 'it answered nothing for too long')
      expect(Date.now() - began).toBeLessThan(30_000)
    } finally {
      for (const socket of held) socket.destroy()
      await new Promise((done) => server.close(done))
      rmSync(path, { force: true })
    }
    expect(await stage.off()).toEqual([])
  })

  it.for([
    { says: '200 ms away, 20 kB/s', bytesPerSecond: 20_000, isTooSlow: false },
    { says: '200 ms away, 1 kB/s', bytesPerSecond: 1000, isTooSlow: false },
    { says: '200 ms away, 200 B/s', bytesPerSecond: 200, isTooSlow: true },
  ])('a link $says', async ({ says, bytesPerSecond, isTooSlow }, { task }) => {
    about(task, {
      family: 'ssh',
      fault: `link ${says}`,
      sees: isTooSlow ? 'the look was given up' : '21 hold',
      exit: isTooSlow ? 'drift 3' : 'drift 0',
      after: 'all holds',
    })
    if (!isAll) return
    await overWire(stage, async (wire) => {
      wire.begin({ rttMs: 200, bytesPerSecond })
      const began = Date.now()
      if (isTooSlow)
        await stage.allBlind([{ name: 'drift', code: 3 }], /it answered nothing for too long|timed out/)
      else expect((await stage.run('drift')).code).toBe(0)
      expect(Date.now() - began).toBeLessThan(30_000)
    })
    expect(await stage.off()).toEqual([])
  })

  it('a host that turns connections away, as at MaxStartups, is told', async ({ task }) => {
    about(task, {
      family: 'ssh',
      fault: 'connection closed before a word, as at MaxStartups',
      sees: 'Connection reset by',
      exit: 'drift 3, doctor 3',
      after: 'unchanged',
    })
    await overWire(stage, async (wire) => {
      wire.begin({ turnsAway: true })
      await stage.allBlind(blocked.slice(0, 3), /Connection (?:reset|closed) by/)
    })
    expect(await stage.off()).toEqual([])
  })

  it('ten sessions over one connection leave no room for an eleventh, which takes another', async ({
    task,
  }) => {
    about(task, {
      family: 'ssh',
      fault: 'MaxSessions reached over the shared connection',
      sees: '21 hold',
      exit: codes(looks),
      after: 'all holds',
    })
    stage.hangUp()
    await stage.run('drift')
    const path = stage.socketPath()
    const hogs = Array.from({ length: 10 }, () =>
      spawn(
        'ssh',
        [
          '-F',
          join(stage.project.dir, '.lab/ssh_config'),
          '-o',
          `ControlPath=${path}`,
          'hinata-z2',
          'sleep 60',
        ],
        {
          stdio: 'ignore',
        },
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 1500))
    try {
      await allWell()
    } finally {
      for (const hog of hogs) hog.kill()
    }
    stage.hangUp()
    expect(await stage.off()).toEqual([])
  })
})
