import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { banks } from '../../e2e/login-place.ts'
import { isAll } from '../../run-kind.ts'
import { about } from '../row.ts'
import { newStage, type Stage } from '../stage.ts'

// Files in every form that they should not have, on Z2 and on the Mac: each is a finding or a problem, none is a crash, and none
// is called fine.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage({ recorded: false })
})
afterAll(() => stage.end())

const data = '.lab/z2/mnt/data/hinata/data/bulma'
const good = '{"access_token":"simulated-access-token-x","refresh_token":"simulated-refresh-token-x"}'

/** How a file may be; what the name says is what stands there. */
const forms: [says: string, make: (path: string) => void][] = [
  ['empty', (path) => writeFileSync(path, '')],
  ['cut in the middle', (path) => writeFileSync(path, good.slice(0, 40))],
  [
    'behind a byte order mark of UTF-16',
    (path) => writeFileSync(path, Buffer.from(`\ufeff${good}`, 'utf16le')),
  ],
  ['not JSON', (path) => writeFileSync(path, 'refresh_token=simulated-refresh-token-x\n')],
  ['a JSON list', (path) => writeFileSync(path, `[${good}]`)],
  ['a JSON null', (path) => writeFileSync(path, 'null')],
  ['a number in the place of a token', (path) => writeFileSync(path, '{"refresh_token":5}')],
  ['of bytes that are no text', (path) => writeFileSync(path, Buffer.from([0, 255, 254, 1, 128]))],
  ['20 MB long', (path) => writeFileSync(path, `{"a":"${'x'.repeat(20_000_000)}"}`)],
  ['nested ten thousand deep', (path) => writeFileSync(path, '['.repeat(10_000))],
  ['a folder', (path) => mkdirSync(path)],
  ['a dangling link', (path) => symlinkSync('nowhere', path)],
  ['a link to itself', (path) => symlinkSync(path.split('/').at(-1) ?? '', path)],
  ['a link to a file outside', (path) => symlinkSync('/etc/passwd', path)],
]

describe.each(forms.filter((_, at) => isAll || at === 5))('a token file on Z2 that is %s', (says, make) => {
  it('is a finding with what to do, and is left as it is', async ({ task }) => {
    about(task, {
      family: 'files',
      fault: `token file on z2: ${says}`,
      sees: 'not a file with a refresh token, in its own words',
      exit: 'drift 4',
      after: 'left as it is; the other bank is polled',
    })
    const path = stage.file(`${data}/tokens_truelayer.json`)
    const kept = readFileSync(path)
    const mode = lstatSync(path).mode
    rmSync(path)
    make(path)
    const before = lstatSync(path).mtimeMs
    try {
      const { code, json } = await stage.project.drift()
      expect(code).toBe(4)
      const found = json.findings.find(({ id }) => id === 'z2/token-file/tokens_truelayer.json')
      expect(found).toMatchObject({ state: 'needs-person', next: expect.stringMatching(/\S/) })
      for (const command of ['drift', 'doctor']) {
        const ended = await stage.run(command)
        expect([command, ended.code], ended.err).toEqual([command, 4])
      }
      expect(lstatSync(path).mtimeMs).toBe(before)
    } finally {
      rmSync(path, { recursive: true, force: true })
      writeFileSync(path, kept, { mode })
      await stage.project.lab('break', 'token-absent-truelayer')
      await stage.project.lab('mend')
    }
    expect(await stage.off()).toEqual([])
  })
})

describe.each(forms.filter((_, at) => isAll || at === 1))(
  'a journal of a login on the Mac that is %s',
  (says, make) => {
    it.for(banks)('%s: is told by every command, and no login is given up for it', async (bank, { task }) => {
      about(task, {
        family: 'files',
        fault: `journal of a login on the Mac: ${says}`,
        sees: 'the note about the login cannot be read, and what to do',
        exit: 'drift 4, doctor 4, push and reauth 1 or 4',
        after: 'the file is left as it is, no browser opened',
      })
      const path = stage.place.mac(bank, `.reauth/${bank}.json`)
      rmSync(dirname(path), { recursive: true, force: true })
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      make(path)
      try {
        for (const [command, more] of [
          ['drift', []],
          ['doctor', [bank]],
          ['push', [bank]],
          ['reauth', [bank, '--no-open', '--yes', '--anyway']],
        ] as const) {
          const ended = await stage.run(command, [...more])
          const story = `${says}: ${command} ended with ${ended.code}: ${ended.out}${ended.err}`
          expect([1, 4], story).toContain(ended.code)
          expect(ended.out + ended.err, story).not.toMatch(/this is a bug|response_type=code/)
        }
        expect(lstatSync(path, { throwIfNoEntry: false }), 'it is still there').toBeDefined()
      } finally {
        rmSync(dirname(path), { recursive: true, force: true })
      }
      expect(await stage.off()).toEqual([])
    })
  },
)

it('credentials on the Mac in each of these forms are told, and no browser is opened', async ({ task }) => {
  const row = about(task, {
    family: 'files',
    fault: 'credentials on the Mac: each of these forms',
    sees: 'truelayer_credentials.json cannot be used',
    exit: 'reauth 4',
    after: 'no browser opened, nothing changed',
  })
  const path = stage.place.mac('truelayer', 'truelayer_credentials.json')
  const kept = readFileSync(path)
  const some = forms.filter((_, at) => isAll || at < 2)
  for (const [says, make] of some) {
    rmSync(path, { recursive: true, force: true })
    make(path)
    const ended = await stage.run('reauth', ['truelayer', '--no-open', '--anyway', '--yes'])
    const story = `${says}: ${ended.code} ${ended.out}${ended.err}`
    expect([4, 1, 64], story).toContain(ended.code)
    expect(ended.out + ended.err, story).not.toMatch(/this is a bug|response_type=code/)
    expect(ended.err, story).toContain('truelayer_credentials.json')
  }
  rmSync(path, { recursive: true, force: true })
  writeFileSync(path, kept, { mode: 0o600 })
  row.cases = some.length
  expect(await stage.off()).toEqual([])
})
