import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { banks } from '../../e2e/login-place.ts'
import { logsIn } from '../../e2e/person.ts'
import { isAll } from '../../run-kind.ts'
import { leaks } from '../needle.ts'
import { about } from '../row.ts'
import { newStage, type Stage } from '../stage.ts'

// Whatever others can write, written to do harm: nothing of it is run, nothing of it steers a terminal or forges a line of ours,
// and no token goes anywhere but where the configuration says.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let stage: Stage
const mark = join(tmpdir(), `bulma-pwned-${process.pid}`)
beforeAll(async () => {
  stage = await newStage({
    limits: { reachSeconds: 2, switchSeconds: 10, leaseSeconds: 8, approvalSeconds: 3 },
  })
})
afterEach(() => stage.project.lab('mend'))
afterAll(() => stage.end())

/** Shell metacharacters, escapes of a terminal, line ends, and the markers of our own probe. */
const poisons = [
  `$(touch ${mark})`,
  `\`touch ${mark}\``,
  `'; touch ${mark}; '`,
  `"; touch ${mark}; "`,
  `| touch ${mark} #`,
  '\u001b]0;owned\u0007\u001b[2J\u001b[31m',
  '\u009b2J\u202egnp',
  '\n  ✓ forged line\nFORGED: all is well',
  '\r  ✓ forged line',
  '\nBULMA 000000000000000000000000 END 0\nEND',
  '{"k":"host"}',
  '%s%n%d\\x41\\',
]

const commands = [
  ['drift'],
  ['drift', '--json'],
  ['doctor'],
  ['doctor', '--json'],
  ['status'],
  ['verify', 'monzo'],
  ['verify', 'truelayer'],
  ['preview', '--diff'],
  ['up', '--yes'],
]

const quick = isAll ? [['drift'], ['drift', '--json'], ['doctor']] : [['drift'], ['doctor']]

/** Every command, whatever it comes to: no bug, nothing run, nothing forged. */
async function holdsOut(env: Record<string, string> = {}, of: string[][] = quick): Promise<number> {
  for (const [name = '', ...more] of of) {
    const { code, out, err } = await stage.run(name, more, env)
    const story = `${name} ended with ${code}:\n${out}${err}`
    expect([0, 1, 2, 3, 4], story).toContain(code)
    expect(out + err, story).not.toMatch(/this is a bug|^\s*✓ forged line$|^FORGED/m)
    expect(existsSync(mark), `${name} has run what it read:\n${story}`).toBe(false)
  }
  return of.length
}

const onZ2 = (path: string): string => join(stage.project.dir, '.lab/z2', path)
const data = 'mnt/data/hinata/data/bulma'
const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o644 })
}
/** A name of a file can hold all but these. */
const nameable = poisons
  .filter((text) => !/[/\n]/.test(text))
  .concat([`$(touch\${IFS}pwned)`, '-rf', ' ', '..x', 'a b'])

describe('what others can write on Z2', () => {
  const plants: [fault: string, plant: (poison: string) => () => void][] = [
    [
      'a log line',
      (poison) => {
        const at = onZ2(`${data}/poll-monzo.log`)
        const before = readFileSync(at, 'utf8')
        writeFileSync(at, `${before}${poison} 401 ${poison}\n`)
        return () => writeFileSync(at, before)
      },
    ],
    [
      'a name and a value in the JSON of tokens',
      (poison) => {
        const at = onZ2(`${data}/tokens_truelayer.json`)
        const before = readFileSync(at, 'utf8')
        const odd = { [poison]: poison, full_auth_at: poison, scope: [poison], expires_at: poison }
        writeFileSync(at, JSON.stringify({ ...JSON.parse(before), ...odd }))
        return () => writeFileSync(at, before)
      },
    ],
    [
      'a lease and a record',
      (poison) => {
        const lease = onZ2('run/bulma-infra/monzo.lease')
        const deadline = Math.floor(Date.now() / 1000) + 300
        put(lease, JSON.stringify({ holder: poison, pid: 1, login: 1, since: deadline - 400, deadline }))
        const record = onZ2('var/lib/bulma-infra/truelayer.json')
        const before = existsSync(record) ? readFileSync(record, 'utf8') : null
        put(record, JSON.stringify({ login: poison, refresh: poison, account: [poison] }))
        return () => {
          rmSync(lease)
          if (before === null) rmSync(record)
          else writeFileSync(record, before)
        }
      },
    ],
    [
      'a lock, a name and an address in 109.conf',
      (poison) => {
        const at = onZ2('etc/pve/lxc/109.conf')
        const before = readFileSync(at, 'utf8')
        const odd = before
          .replace(/^onboot: .*$/m, `onboot: 0\nlock: ${poison}`)
          .replace(/ip=[^,\n]*/, `ip=${poison}`)
        writeFileSync(at, odd)
        return () => writeFileSync(at, before)
      },
    ],
    [
      'the name of a container and its mounts',
      (poison) => {
        const at = onZ2('etc/pve/lxc/109.conf')
        const before = readFileSync(at, 'utf8')
        writeFileSync(
          at,
          before
            .replace(/^hostname: .*$/m, `hostname: ${poison}`)
            .replace(/^mp0: .*$/m, `mp0: ${poison},mp=/root/data/bulma`),
        )
        return () => writeFileSync(at, before)
      },
    ],
  ]
  it.for(plants)('%s', async ([what, plant], { task }) => {
    const row = about(task, {
      family: 'hostile',
      fault: `${what}, with shell metacharacters, escapes, line ends, markers of the look`,
      sees: 'what was seen, without control characters',
      exit: 'as of any other difference',
      after: 'nothing was run, no line forged',
      commands: 0,
    })
    // A line end in a log makes a line of that log, which is shown as such.
    const fitting = what === 'a log line' ? poisons.filter((text) => !/[\n\r]/.test(text)) : poisons
    const some = isAll ? fitting : fitting.slice(5, 6)
    for (const poison of some) {
      const undo = plant(poison)
      try {
        // Each poison with what looks; the engine and the log's tail with some of them.
        const isMuch = isAll && [0, 5, 7].includes(poisons.indexOf(poison))
        row.commands = (row.commands ?? 0) + (await holdsOut({}, isMuch ? commands : quick))
      } finally {
        undo()
      }
    }
    row.cases = some.length
    await stage.project.lab('break', 'container-onboot-off')
    await stage.project.lab('mend')
    expect(await stage.off()).toEqual([])
    await stage.keepsChains()
  })

  it('names of units, drop-ins, nodes and files', async ({ task }) => {
    const row = about(task, {
      family: 'hostile',
      fault: 'names of units, drop-ins, nodes and files, with shell metacharacters and escapes',
      sees: 'what was seen, without control characters',
      exit: 'as of any other difference',
      after: 'nothing was run; up has removed what is a legacy unit, and nothing else',
      commands: 0,
    })
    const some = isAll ? nameable : nameable.slice(0, 1)
    for (const name of some) {
      const units = onZ2('etc/systemd/system')
      const made = [
        join(units, `hinata-poll-truelayer-${name}.timer`),
        join(units, 'hinata-poll-truelayer-morning.timer.d', `${name}.conf`),
        onZ2(`${data}/${name}.json`),
        onZ2(`etc/pve/nodes/${name}/lxc/109.conf`),
        join(stage.project.dir, '.lab/ct109/etc/systemd/system/bulma-poll-monzo.timer.d', `${name}.conf`),
      ]
      for (const path of made) put(path, '[Timer]\nOnCalendar=daily\n')
      const conf = onZ2('etc/pve/lxc/109.conf')
      const text = readFileSync(conf, 'utf8')
      row.commands =
        (row.commands ?? 0) + (await holdsOut({}, isAll && some.indexOf(name) % 5 === 0 ? commands : quick))
      // The container is on the node of that name now.
      rmSync(conf)
      row.commands += await holdsOut({}, [['drift'], ['doctor']])
      writeFileSync(conf, text)
      for (const path of made) rmSync(path, { force: true })
      for (const folder of [
        join(units, 'hinata-poll-truelayer-morning.timer.d'),
        onZ2(`etc/pve/nodes/${name}`),
        join(stage.project.dir, '.lab/ct109/etc/systemd/system/bulma-poll-monzo.timer.d'),
      ])
        rmSync(folder, { recursive: true, force: true })
    }
    row.cases = some.length
    for (const side of ['z2', 'ct109'])
      if (side === 'z2') await stage.project.ssh('systemctl daemon-reload')
      else await stage.place.inside('systemctl daemon-reload')
    expect(await stage.off()).toEqual([])
    expect(existsSync(join(stage.project.dir, 'pwned'))).toBe(false)
  })
})

describe('a Z2 that lies', () => {
  it.for(['behind', 'numbers', ...(isAll ? ['instead', 'keys', 'order', 'twice'] : [])])(
    'in the form of a look: %s',
    async (how, { task }) => {
      const row = about(task, {
        family: 'hostile',
        fault: 'a Z2 that answers lies in the form of a look or an order',
        sees: 'what was seen, without control characters, or that the look was not what was asked for',
        exit: 'never 64, never a stack of ours',
        after: 'nothing was run, nothing was pushed, chains as they were',
        commands: 0,
      })
      const folder = stage.file('.lab/lying')
      const ssh = join(folder, 'ssh')
      if (!existsSync(folder)) {
        mkdirSync(folder)
        symlinkSync(join(import.meta.dirname, '../lying-ssh.mjs'), ssh)
        chmodSync(join(import.meta.dirname, '../lying-ssh.mjs'), 0o755)
      }
      await stage.project.lab('break', 'transit-monzo', 'timer-disabled-truelayer')
      const before = await stage.chains()
      const some = how === 'behind' || how === 'instead' ? (isAll ? poisons : poisons.slice(5, 6)) : ['x']
      for (const poison of some) {
        const env = {
          PATH: `${folder}:${process.env.PATH}`,
          BULMA_REAL_SSH: execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim(),
          BULMA_LIE: how,
          BULMA_POISON: poison,
        }
        const looks = [...quick, ['status'], ['verify', 'monzo'], ['push', 'monzo']]
        row.commands = (row.commands ?? 0) + (await holdsOut(env, isAll ? looks : quick))
      }
      row.cases = some.length
      expect(await stage.chains()).toEqual(before)
      await stage.project.lab('mend')
      expect(await stage.off()).toEqual([])
    },
  )
})

describe('a configuration', () => {
  it('that tries to inject commands runs none', async ({ task }) => {
    const row = about(task, {
      family: 'hostile',
      fault: 'configuration that tries to inject commands: paths, names and scopes with shell metacharacters',
      sees: 'what was seen, or which key is wrong',
      exit: '1, 2, 3, 4 or 64',
      after: 'nothing was run',
      commands: 0,
    })
    const shell = poisons.slice(0, 5).map((one) => one.replaceAll('"', '\\"'))
    const keys = [
      'hostDataDir',
      'containerDataDir',
      'hostMount',
      'backupDir',
      'runDir',
      'stateDir',
      'proxmoxDir',
      'macMonzoDir',
      'sshConfig',
      'bankEndpoints',
    ]
    const all = keys.flatMap((key) => shell.map((poison) => ({ key, poison })))
    const some = isAll ? all : all.filter((_, at) => at % 25 === 0)
    const path = join(stage.project.dir, 'Pulumi.lab.yaml')
    const text = readFileSync(path, 'utf8')
    for (const { key, poison } of some) {
      stage.place.configure(key, `"/x${poison}x"`)
      for (const [name = '', ...more] of [
        ['drift'],
        ['doctor'],
        // What more there is, with one form of each key.
        ...(isAll && poison.startsWith('$')
          ? [
              ['verify', 'monzo'],
              ['push', 'monzo'],
              ['up', '--yes'],
            ]
          : []),
      ]) {
        const { code, out, err } = await stage.run(name, more)
        expect(out + err, `${key} ${name}`).not.toMatch(/this is a bug/)
        expect([key, poison, name, code, existsSync(mark)], out + err).toEqual([
          key,
          poison,
          name,
          code,
          false,
        ])
        row.commands = (row.commands ?? 0) + 1
      }
      writeFileSync(path, text)
    }
    row.cases = some.length
    expect(existsSync(mark)).toBe(false)
    expect(await stage.off()).toEqual([])
    await stage.keepsChains()
  })
})

describe('a bank that answers to do harm', () => {
  const evil = poisons.join(' ')
  const answers: [what: string, status: number, body: unknown, headers?: Record<string, string>][] = [
    [
      'an error with escapes and line ends in it',
      400,
      { error: 'invalid_grant', error_description: evil, message: evil, code: evil },
    ],
    [
      'tokens with shell metacharacters and line ends',
      200,
      {
        access_token: evil,
        refresh_token: evil,
        token_type: 'Bearer',
        expires_in: 3600,
        user_id: evil,
        scope: evil,
      },
    ],
    ['a redirect to another host', 302, {}, { location: 'OTHER' }],
    ['a redirect that keeps the method, to another host', 307, {}, { location: 'OTHER' }],
    ['ten megabytes', 200, { access_token: 'x'.repeat(10_000_000) }],
    [
      'a name of a prototype',
      200,
      JSON.parse('{"__proto__": {"refresh_token": "x"}, "constructor": 1, "access_token": "x"}'),
    ],
  ]
  it.for(
    answers.flatMap((answer) => banks.map((bank) => ({ bank, answer }))).filter((_, at) => isAll || at === 5),
  )('$bank: $answer.0', async ({ bank, answer: [what, status, body, headers = {}] }, { task }) => {
    about(task, {
      family: 'hostile',
      fault: `a bank that answers ${what}`,
      sees: 'what is wrong with the answer, masked',
      exit: 'reauth 1, 4 or 64',
      after: 'no other host heard of it; the poll timer runs; the chain of ct109 is as it was',
    })
    let elsewhere = 0
    const other = createServer((_, response) => {
      elsewhere += 1
      response.end('{}')
    })
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    const away = `http://127.0.0.1:${(other.address() as { port: number }).port}/token`
    const server = createServer((request, response) => {
      request.resume()
      request.once('end', () => {
        const location = headers.location && { location: away }
        response
          .writeHead(status, { 'content-type': 'application/json', ...location })
          .end(JSON.stringify(body))
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const path = stage.file('.lab/endpoints.json')
    const text = readFileSync(path, 'utf8')
    const known = JSON.parse(text)
    const tokenEndpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}/token`
    writeFileSync(path, JSON.stringify({ ...known, [bank]: { ...known[bank], tokenEndpoint } }))
    const refresh = await stage.place.refreshOnZ2(bank)
    try {
      const person = stage.place.person('reauth', bank, '--anyway', '--yes')
      const page = await logsIn(await person.address())
      const code = await person.end()
      expect([1, 4, 64], person.shown).toContain(code)
      expect(person.shown).not.toMatch(/this is a bug|forged line$/m)
      expect(leaks(person.shown.replace(/https?:\S+/g, '')), person.shown).toEqual([])
      expect(page).not.toMatch(/forged|finished/)
    } finally {
      writeFileSync(path, text)
      await Promise.all(
        [server, other].map((one) => new Promise((done) => one.close(done).closeAllConnections())),
      )
    }
    expect(elsewhere).toBe(0)
    expect(existsSync(mark)).toBe(false)
    expect(await stage.place.refreshOnZ2(bank)).toBe(refresh)
    await expect.poll(() => stage.place.timerIsActive(bank), { timeout: 30_000 }).toBe(true)
    stage.place.forgets(bank)
  })
})
