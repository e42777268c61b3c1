import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { configSchema, parseConfig } from '../../../lib/config.ts'
import { Problem } from '../../../lib/problem.ts'
import { type Ended, newProject, type Project } from '../../e2e/project.ts'
import { isAll } from '../../run-kind.ts'
import { leaks } from '../needle.ts'
import { about } from '../row.ts'

// Every key of the configuration and every flag of every command, wrong in every way: it is named, the command ends with 64, and
// nothing was reached, started or opened before.

vi.setConfig({ testTimeout: 1_200_000 })

let project: Project
let list: string
beforeAll(async () => {
  project = await newProject()
  list = join(project.dir, 'reached.txt')
})
afterAll(() => project.end())

const recorder = join(import.meta.dirname, '../network.mjs')

/** Runs one of our commands, and says what it has reached or started. */
async function alone(name: string, args: string[]): Promise<Ended & { reached: string[] }> {
  rmSync(list, { force: true })
  const env = { NODE_OPTIONS: `--import=${recorder}`, BULMA_NETWORK_LIST: list }
  const ended = await project.script(name, args, env)
  expect(leaks(ended.out + ended.err)).toEqual([])
  return { ...ended, reached: existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [] }
}

type Schema = { _zod: { def: { type: string; shape?: Record<string, Schema>; innerType?: Schema } } }
type Leaf = { path: string[]; type: string }

/** Every key with its type, those in maps by their path; a map is one as well. */
function leaves(schema: Schema, path: string[] = []): Leaf[] {
  const { type, shape, innerType } = schema._zod.def
  if (innerType) return leaves(innerType, path)
  const here = path.length > 0 ? [{ path, type }] : []
  return [...here, ...Object.entries(shape ?? {}).flatMap(([key, one]) => leaves(one, [...path, key]))]
}
const keys = leaves(configSchema as unknown as Schema)

const folder = { a: 1 }
const wrong: Record<string, unknown[]> = {
  string: [5, 1.5, true, null, [], ['x'], folder, 'two\nlines', 'bell\u0007', '\u001b[2Jx', 'null\u0000'],
  number: ['5', 'x', '', 1.5, -1, 1e12, true, null, [], folder],
  int: ['5', 'x', '', 1.5, -1, 1e12, true, null, [], folder],
  boolean: ['yes', 'true', 0, 1, null, [], folder],
  enum: ['anybody', '', 0, true, null, [], folder],
  array: ['/etc', 5, true, null, [], folder, [5], ['relative'], [null], ['/a\nb']],
  object: ['x', 5, true, null, [], { 'no such key': 1 }],
}
/** Beside these, what only some keys refuse. */
const alsoWrong: [string, unknown[]][] = [
  ['host', ['', '-oProxyCommand=id', 'a b', 'a;b', '$(id)', '`id`', "a'b", 'a/b', 'é']],
  ['containerId', [0, 99, 1_000_000_000]],
  ['containerName', ['', 'a b', 'a;b', '$(id)', 'a/b', "'"]],
  ['containerAddress', ['', '192.168.1', '192.168.1.256', '::1', 'x', '192.168.1.214/24']],
  ...[
    'hostDataDir',
    'containerDataDir',
    'hostMount',
    'proxmoxDir',
    'backupDir',
    'runDir',
    'stateDir',
    'stagingDir',
  ].map((key): [string, unknown[]] => [key, ['', 'data', './data', '/data/', '/']]),
  ['hostRoot', ['/']],
  ['containerRoot', ['x/']],
  ['sshConfig', ['']],
  ['keyNames.refreshToken', ['', 'a/b']],
  ['thresholds.tokenAgeDays', [0, 91]],
  ['thresholds.pollMinutes', [0, 1441]],
  ['thresholds.stalledIntervals', [1, 101]],
  ['monzo.redirectUri', ['javascript:x', 'ftp://x/y', 'localhost:5001/monzo/callback', '']],
  ['monzo.tokenEndpoint', ['file:///etc/passwd', 'data:x']],
  ['truelayer.redirectUri', ['javascript:x', '']],
  ['truelayer.apiUrl', ['gopher://x']],
  ['login.loginSeconds', [9, 3601]],
  ['login.leaseSeconds', [4, 3601]],
  ['watch.everyMinutes', [0, 1441]],
  ['watch.remindAt', ['9:00', '24:00', '09:60', 'x']],
  ['watch.failures', [0, 101]],
  ['watch.notify.command', ['', 'say', './x']],
  ['watch.notify.webhook', ['', 'x.org/y', 'javascript:x']],
]

const nested = ([first = '', ...rest]: string[], value: unknown): Record<string, unknown> => ({
  [first]: rest.length === 0 ? value : nested(rest, value),
})
type Wrong = { path: string; raw: Record<string, unknown> }
const cases: Wrong[] = [
  ...keys.flatMap(({ path, type }) => (wrong[type] ?? []).map((value) => ({ path, value }))),
  ...alsoWrong.flatMap(([path, values]) => values.map((value) => ({ path: path.split('.'), value }))),
].map(({ path, value }) => ({ path: path.join('.'), raw: nested(path, value) }))

describe('a key of the configuration', () => {
  it('has a known type, each of them', () => {
    expect(keys.length).toBeGreaterThan(45)
    expect(keys.filter(({ type }) => !(type in wrong))).toEqual([])
  })

  it('with a wrong value is named, wherever it is', ({ task }) => {
    const row = about(task, {
      family: 'bad configuration and arguments',
      fault: 'each key of Pulumi.<stack>.yaml: wrong type, out of range, control characters',
      sees: 'the configuration in Pulumi.bad.yaml is not valid',
      exit: '64',
      after: 'nothing was reached, started or opened',
    })
    const taken = cases.flatMap(({ path, raw }) => {
      try {
        parseConfig(raw, 'Pulumi.bad.yaml')
        return [`${JSON.stringify(raw)} was taken`]
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        const isNamed = error.lines.why.split('\n').some((line) => line.startsWith(`bulma:${path}`))
        return isNamed && error.exitCode === 64 ? [] : [`${JSON.stringify(raw)}: ${error.lines.why}`]
      }
    })
    expect(taken).toEqual([])
    row.cases = cases.length
  })

  it('that nobody knows is named, at the top and in each map', ({ task }) => {
    const maps = [[], ...keys.filter(({ type }) => type === 'object').map(({ path }) => path)]
    const row = about(task, {
      family: 'bad configuration and arguments',
      fault: 'a key that nobody knows, at the top and in each map',
      sees: 'is not a key that is known',
      exit: '64',
      after: 'nothing was reached, started or opened',
    })
    for (const path of maps) {
      for (const key of ['hots', '__proto__x', 'constructor', 'toString', '$(id)'])
        expect(() => parseConfig(nested([...path, key], 'x'), 'Pulumi.bad.yaml')).toThrow(Problem)
    }
    row.cases = maps.length * 5
  })

  it('is judged before anything is reached, in the real commands too', async ({ task }) => {
    const row = about(task, {
      family: 'bad configuration and arguments',
      fault: 'a wrong key, with each command',
      sees: 'the configuration in Pulumi.bad.yaml is not valid',
      exit: 'drift 64, doctor 64, status 64, watch 64, schedule 64, reauth 64, push 64, verify 64',
      after: 'nothing was reached, started or opened',
    })
    const commands = [
      ['drift'],
      ['drift', '--json'],
      ['doctor'],
      ['status'],
      ['watch'],
      ['schedule', 'install'],
      ['schedule', 'show'],
      ['reauth', 'monzo'],
      ['push', 'monzo'],
      ['verify', 'truelayer'],
    ]
    // Each key once through a command, all commands in turn.
    const some = cases.filter((_, at) => (isAll ? at % 3 === 0 : at % 60 === 0))
    let tried = 0
    for (const [at, { path, raw }] of some.entries()) {
      const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [`bulma:${key}`, value]))
      writeFileSync(join(project.dir, 'Pulumi.bad.yaml'), stringify({ config }))
      const [name = '', ...more] = commands[at % commands.length] ?? []
      const { code, out, err, reached } = await alone(name, [...more, '--stack', 'bad'])
      const story = `${name} ${JSON.stringify(raw)}: ${code} ${out}${err}`
      expect([code, reached], story).toEqual([64, []])
      expect(err, story).toContain('error: the configuration in Pulumi.bad.yaml is not valid')
      expect(err, story).toContain(`bulma:${path}`)
      expect(out, story).toBe('')
      tried += 1
    }
    row.cases = tried
    row.commands = tried
  })
})

describe('a stack file', () => {
  const texts: [string, string | Buffer | null][] = [
    ['that is no YAML', 'config:\n\t- : ]['],
    ['with a list for its values', 'config: [1, 2]\n'],
    ['with text for its values', 'config: yes please\n'],
    ['that says a key twice', 'config:\n  bulma:host: a\n  bulma:host: b\n'],
    ['with a type of its own', 'config:\n  bulma:host: !!js/function "function () {}"\n  bulma:hots: 1\n'],
    [
      'that grows without end',
      `a: &a [x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'].map((n, at) => `${n}: &${n} [${`*${String.fromCharCode(97 + at)}, `.repeat(9)}]`).join('\n')}\nconfig: *p\n`,
    ],
    ['of bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x80])],
    ['that is a folder', null],
  ]
  it.for(texts)('%s is told, and nothing is reached', async ([says, text], { task }) => {
    const row = about(task, {
      family: 'bad configuration and arguments',
      fault: 'a stack file that cannot be read',
      sees: 'cannot be read, or which key is wrong',
      exit: 'drift 64',
      after: 'nothing was reached, started or opened',
    })
    const path = join(project.dir, 'Pulumi.bad.yaml')
    rmSync(path, { recursive: true, force: true })
    if (text === null) mkdirSync(path)
    else writeFileSync(path, text)
    const { code, out, err, reached } = await alone('drift', ['--stack', 'bad'])
    rmSync(path, { recursive: true, force: true })
    expect([says, code, out, reached], err).toEqual([says, 64, '', []])
    expect(err).toMatch(/^error: .*Pulumi\.bad\.yaml/)
    row.cases = 1
  })
})

describe('an argument', () => {
  const stacks = ['', '../z2', '/etc/passwd', 'a b', '$(id)', 'none', 'z2\nz2', '-', '.', '..', 'é']
  const looking = ['drift', 'doctor', 'status', 'watch']
  const login = ['reauth', 'push', 'verify']
  const words: [string, string[]][] = [
    ...[...looking, ...login.map((name) => `${name} monzo`), 'schedule show'].flatMap(
      (command): [string, string[]][] => {
        const [name = '', ...more] = command.split(' ')
        return [
          ...stacks.map((stack): [string, string[]] => [name, [...more, '--stack', stack]]),
          [name, [...more, '--nonsense']],
          [name, [...more, '--help=yes']],
          [name, [...more, '--stack']],
          [name, [...more, '-x']],
          [name, [...more, 'stray']],
        ]
      },
    ),
    ['drift', ['--json=1']],
    ['doctor', ['barclays']],
    ['doctor', ['Monzo']],
    ['status', ['--every', '5']],
    ['status', ['--watch', '--every', '0']],
    ['status', ['--watch', '--every', '99']],
    ['status', ['--watch', '--every', 'x']],
    ['schedule', []],
    ['schedule', ['nothing']],
    ['schedule', ['constructor']],
    ['schedule', ['install', '--every', '0']],
    ['schedule', ['install', '--every', '1441']],
    ...login.flatMap((name): [string, string[]][] => [
      [name, []],
      [name, ['barclays']],
      [name, ['__proto__']],
      [name, ['monzo', 'truelayer']],
      [name, ['monzo', '--yes=1']],
    ]),
    ...['--force=1', '--port', '--redirect-uri', '--open', '--forcee'].map((flag): [string, string[]] => [
      'reauth',
      ['monzo', flag],
    ]),
    ...['push', 'verify'].flatMap((name) =>
      ['--force', '--port=1', '--new-login'].map((flag): [string, string[]] => [name, ['monzo', flag]]),
    ),
    ...['preview', 'up'].flatMap((name) =>
      ['', '../z2', 'a b', '$(id)', 'none', '-x'].map((stack): [string, string[]] => [
        name,
        ['--stack', stack],
      ]),
    ),
    ['preview', ['--stack']],
    ['up', ['--stack']],
  ]
  it('that is unknown, incomplete or out of range ends with 64 before anything is reached', async ({
    task,
  }) => {
    const row = about(task, {
      family: 'bad configuration and arguments',
      fault: 'each flag and word of each command: unknown, incomplete, out of range, a stack that is none',
      sees: 'these arguments are not understood, or what is wrong with the stack',
      exit: '64',
      after: 'nothing was reached, started or opened',
    })
    const some = words.filter((_, at) => isAll || at % 12 === 0)
    for (const [name, args] of some) {
      const { code, out, err, reached } = await alone(name, args)
      const story = `${name} ${JSON.stringify(args)}: ${code} ${out}${err}`
      expect([code, reached], story).toEqual([64, []])
      expect(err, story).toMatch(/^error: .*\nwhy: {3}[\s\S]*\nnext: {2}.*\nleft: {2}/)
    }
    row.cases = some.length
    row.commands = some.length
  })

  it('of a port that is none is named', async ({ task }) => {
    const row = about(task, {
      family: 'bad configuration and arguments',
      fault: 'a port or redirect URI that is none',
      sees: '--port, or the redirect URI',
      exit: 'reauth 64',
      after: 'nothing was reached, started or opened',
    })
    const ports = ['0', '-1', '65536', 'x', '80.5', '', '1e4']
    const uris = [
      '',
      'x',
      'javascript:x',
      'http://example.org/cb',
      'https://localhost:1/x',
      'http://0.0.0.0:5001/x',
    ]
    const all = [...ports.map((port) => [`--port=${port}`]), ...uris.map((uri) => [`--redirect-uri=${uri}`])]
    for (const args of all.slice(0, isAll ? all.length : 2)) {
      const { code, out, err, reached } = await alone('reauth', ['truelayer', ...args])
      expect([code, reached], `${args}: ${code} ${out}${err}`).toEqual([64, []])
    }
    row.cases = isAll ? all.length : 2
  })
})
