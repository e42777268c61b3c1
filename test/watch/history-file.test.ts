import { spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, parseConfig } from '../../lib/config.ts'
import { projectDir } from '../../lib/io/project.ts'
import { takeFileLock } from '../../lib/io/watch/file-lock.ts'
import { appendHistory, historyPath, readHistory } from '../../lib/io/watch/history-file.ts'
import { Problem } from '../../lib/problem.ts'
import { entryLine } from '../../lib/watch/entry.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'
import { looked } from './past.ts'

let folder: string
let config: Config
let path: string

beforeEach(() => {
  folder = temporaryFolder('history')
  config = parseConfig({ watch: { historyDir: join(folder, 'of/looks') } }, 'Pulumi.z2.yaml')
  path = historyPath(config, 'z2')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mode = (name: string): string => (statSync(name).mode & 0o777).toString(8)
const now = looked(new Date().toISOString())
const why = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return `${error.lines.what}: ${error.lines.why}`
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the history of a stack', () => {
  it('is empty where there is none, and reading makes none', () => {
    expect(readHistory(config, 'z2')).toEqual({ entries: [], bad: 0 })
    expect(() => statSync(join(folder, 'of'))).toThrow('ENOENT')
  })

  it('is a file for its owner alone, in folders for its owner alone, whatever the umask', () => {
    const before = process.umask(0o002)
    appendHistory(config, 'z2', now)
    process.umask(before)
    expect([mode(path), mode(join(folder, 'of/looks')), mode(join(folder, 'of'))]).toEqual([
      '600',
      '700',
      '700',
    ])
    expect(readHistory(config, 'z2').entries).toEqual([now])
  })

  it('leaves what was torn out, and takes it away with the next entry', () => {
    appendHistory(config, 'z2', now)
    appendFileSync(path, '{"v":1,"at":"2026-11-')
    expect(readHistory(config, 'z2')).toEqual({ entries: [now], bad: 0 })
    appendHistory(config, 'z2', now)
    expect(readFileSync(path, 'utf8')).toBe(entryLine(now).repeat(2))
  })

  it('keeps an entry that only lost its line end', () => {
    appendHistory(config, 'z2', now)
    writeFileSync(path, entryLine(now).trimEnd())
    appendHistory(config, 'z2', now)
    expect(readFileSync(path, 'utf8')).toBe(entryLine(now).repeat(2))
  })

  it('is replaced by a shorter one when it has grown too large, still for its owner alone', () => {
    appendHistory(config, 'z2', now)
    writeFileSync(path, entryLine(now).repeat(9000))
    appendHistory(config, 'z2', now)
    expect(readHistory(config, 'z2').entries).toEqual([now, now])
    expect(mode(path)).toBe('600')
  })

  it('loses no entry and tears none when several write at once, a rewrite among them', async () => {
    appendHistory(config, 'z2', now)
    writeFileSync(path, entryLine(now).repeat(9000))
    const program = `
      const { appendHistory } = await import('${projectDir}/lib/io/watch/history-file.ts')
      const config = JSON.parse(process.argv[1])
      for (let login = 0; login < 20; login += 1)
        appendHistory(config, 'z2', { v: 1, at: new Date().toISOString(), kind: 'login', bank: 'monzo', login })`
    const writer = (): Promise<number | null> =>
      new Promise((resolve) => {
        const args = ['--input-type=module', '-e', program, JSON.stringify(config)]
        spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] }).once('close', resolve)
      })
    expect(await Promise.all([writer(), writer(), writer()])).toEqual([0, 0, 0])
    const { entries, bad } = readHistory(config, 'z2')
    expect([entries.filter(({ kind }) => kind === 'login').length, bad]).toEqual([60, 0])
  })

  it.each<[string, () => void, string]>([
    ['a link', () => symlinkSync('/etc/passwd', path), 'it is a link'],
    ['a second name of another file', () => linkSync(join(folder, 'other'), path), 'it has 2 hard links'],
    ['a folder', () => mkdirSync(path), 'it is not a file'],
    ['a file that others may write to', () => chmodSync(path, 0o666), 'it can be written to by others'],
  ])('is neither read nor written where %s is in its place', (name, plant, says) => {
    appendHistory(config, 'z2', now)
    writeFileSync(join(folder, 'other'), '')
    if (!name.endsWith('write to')) rmSync(path)
    plant()
    expect(why(() => readHistory(config, 'z2'))).toBe(`cannot read the history ${path}: ${says}`)
    expect(why(() => appendHistory(config, 'z2', now))).toBe(`cannot write the history ${path}: ${says}`)
  })

  it('is not kept in a folder that others may write to', () => {
    mkdirSync(join(folder, 'of/looks'), { recursive: true })
    chmodSync(join(folder, 'of/looks'), 0o777)
    expect(why(() => appendHistory(config, 'z2', now))).toMatch(/: its folder can be written to by others$/)
    expect(mode(join(folder, 'of/looks'))).toBe('777')
  })

  it('says so when its folder cannot be made', () => {
    writeFileSync(join(folder, 'of'), '')
    expect(why(() => appendHistory(config, 'z2', now))).toMatch(/: the folder is not a folder$/)
  })
})

describe('the lock', () => {
  it('is one holder’s at a time, and free as soon as it is given back', () => {
    const release = takeFileLock(join(folder, 'lock'), 0)
    expect(release).not.toBeNull()
    expect(takeFileLock(join(folder, 'lock'), 0)).toBeNull()
    release?.()
    const again = takeFileLock(join(folder, 'lock'), 0)
    expect(again).not.toBeNull()
    again?.()
  })

  it('is free when its holder was killed', async () => {
    const program = `
      const { takeFileLock } = await import('${projectDir}/lib/io/watch/file-lock.ts')
      takeFileLock(process.argv[1], 0)
      console.log('held')
      setInterval(() => undefined, 1000)`
    const args = ['--input-type=module', '-e', program, join(folder, 'lock')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(takeFileLock(join(folder, 'lock'), 0)).toBeNull()
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const release = takeFileLock(join(folder, 'lock'), 0)
    expect(release).not.toBeNull()
    release?.()
  })
})
