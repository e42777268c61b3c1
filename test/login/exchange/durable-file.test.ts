import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ensurePrivateFolder,
  readPrivate,
  removeDurably,
  writeDurably,
} from '../../../lib/io/login/durable-file.ts'
import { renderProblem } from '../../../lib/problem.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder('durable')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const mode = (path: string): number => statSync(path).mode & 0o7777
const text = (path: string): string => readFileSync(path, 'utf8')

/** What a Problem says. */
function problem(work: () => void): string {
  try {
    work()
  } catch (error) {
    return renderProblem((error as { lines: Parameters<typeof renderProblem>[0] }).lines).replaceAll(
      folder,
      'F',
    )
  }
  return 'nothing was thrown'
}

describe('writing a file', () => {
  it('makes it and replaces it, 0600 whatever it was and whatever the umask, and leaves nothing else', () => {
    writeDurably(at('a'), 'one')
    expect([text(at('a')), mode(at('a'))]).toEqual(['one', 0o600])
    chmodSync(at('a'), 0o666)
    const umask = process.umask(0o277)
    writeDurably(at('a'), 'two')
    process.umask(umask)
    expect([text(at('a')), mode(at('a')), readdirSync(folder)]).toEqual(['two', 0o600, ['a']])
  })

  it('flushes the text before the name, and the name before it returns', () => {
    const program = `import { writeDurably } from '${join(import.meta.dirname, '../../../lib/io/login/durable-file.ts')}'; writeDurably('${at('a')}', 'text')`
    const log = at('log')
    const watched = ['-f', '-y', '-o', log, '-e', 'trace=fsync,rename']
    execFileSync('strace', [...watched, process.execPath, '--input-type=module', '-e', program])
    const calls = text(log)
      .split('\n')
      .filter((line) => line.includes(folder))
      .map((line) =>
        line
          .replace(/^\d+ +/, '')
          .replaceAll(folder, 'F')
          .replace(/\.a\.\d+/, '.a.PID'),
      )
      .map((line) => line.replace(/\(\d+/, '(').replace(/ += 0$/, ''))
    expect(calls).toEqual(['fsync(<F/.a.PID.new>)', 'rename("F/.a.PID.new", "F/a")', 'fsync(<F>)'])
  })

  it('at a kill -9 in any of its system calls: the old text or the new one, whole', async () => {
    const program = `import { writeDurably } from '${join(import.meta.dirname, '../../../lib/io/login/durable-file.ts')}'; process.stdin.once('data', () => { writeDurably('${at('a')}', 'new'); process.exit() })`
    const found = new Set<string>()
    for (const [call, when] of [
      ['openat', 1],
      ['fchmod', 1],
      ['write', 1],
      ['fsync', 1],
      ['rename', 1],
      ['fsync', 2],
    ] as const) {
      writeDurably(at('a'), 'old')
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const temporary = at(`.a.${child.pid}.new`)
      const tracer = spawn(
        'strace',
        [
          '-f',
          '-p',
          `${child.pid}`,
          '-P',
          temporary,
          '-P',
          at('a'),
          '-P',
          folder,
          '-e',
          `inject=${call}:signal=KILL:when=${when}`,
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      )
      await once(tracer.stderr, 'data')
      child.stdin.write('go\n')
      const [, signal] = (await once(child, 'exit')) as [number, string]
      expect([call, signal]).toEqual([call, 'SIGKILL'])
      found.add(text(at('a')))
      writeDurably(at('a'), 'old')
      // what the killed one left is swept away by the next
      expect(readdirSync(folder)).toEqual(['a'])
    }
    expect([...found].sort()).toEqual(['new', 'old'])
  })

  it('does not take away what another writer has in hand, which lives', () => {
    writeFileSync(at(`.a.${process.ppid}.new`), 'theirs')
    writeFileSync(at('.a.4194000.new'), 'of a dead one')
    writeFileSync(at('.ab.4194000.new'), 'of another file')
    writeDurably(at('a'), 'ours')
    expect(readdirSync(folder)).toEqual([`.a.${process.ppid}.new`, '.ab.4194000.new', 'a'])
  })

  it.each([
    ['a link', () => symlinkSync('/etc/passwd', at('a')), 'is a link'],
    ['a link to nothing', () => symlinkSync(at('b'), at('a')), 'is a link'],
    ['a folder', () => mkdirSync(at('a')), 'is not a file'],
    [
      'a file with two names',
      () => [writeFileSync(at('a'), ''), linkSync(at('a'), at('b'))],
      'has 2 hard links',
    ],
    [
      "somebody else's file",
      () => [writeFileSync(at('a'), ''), chownSync(at('a'), 12345, 12345)],
      'belongs to uid 12345',
    ],
  ])('refuses %s, and so do reading and removing', (_what, plant, why) => {
    plant()
    const says = [
      'error: F/a is not safe to use',
      `why:   it ${why}; tokens are kept only in files and folders of your own`,
      'next:  ls -ld F/a',
      'left:  nothing was written',
    ].join('\n')
    expect(problem(() => writeDurably(at('a'), 'text'))).toBe(says)
    expect(problem(() => readPrivate(at('a')))).toBe(says)
    expect(problem(() => removeDurably(at('a')))).toBe(says)
    expect(existsSync(at('b')) && why === 'is a link').toBe(false)
  })

  it('into a folder that is not there says so', () => {
    expect(problem(() => writeDurably(at('b/a'), 'text'))).toBe(
      [
        'error: cannot write F/b/a',
        'why:   the folder does not exist',
        'next:  ls -la F/b',
        'left:  F/b/a is as it was before',
      ].join('\n'),
    )
  })

  it('to a disk that is full leaves the old text, and nothing else', () => {
    const program = `
      import { readdirSync, readFileSync } from 'node:fs'
      import { writeDurably } from '${join(import.meta.dirname, '../../../lib/io/login/durable-file.ts')}'
      writeDurably('a', 'old')
      try { writeDurably('a', 'x'.repeat(9000)) } catch (error) { console.log(JSON.stringify(error.lines)) }
      console.log(readFileSync('a', 'utf8'), readdirSync('.').join())`
    const mount =
      'mount -t tmpfs -o size=8k,mode=700 tmpfs "$0" && cd "$0" && exec "$1" --input-type=module -e "$2"'
    const said = execFileSync('unshare', ['-rm', 'sh', '-c', mount, folder, process.execPath, program], {
      encoding: 'utf8',
    })
    const [lines = '', rest] = said.trim().split('\n')
    expect(JSON.parse(lines)).toEqual({
      what: 'cannot write a',
      why: 'no space is left on the disk',
      next: 'df -h .',
      left: 'a is as it was before',
    })
    expect(rest).toBe('old a')
  })
})

describe('reading and removing', () => {
  it('a file that is not there is null, and removing it is no error', () => {
    expect(readPrivate(at('a'))).toBeNull()
    removeDurably(at('a'))
    removeDurably(at('b/a'))
    writeDurably(at('a'), 'text')
    expect(readPrivate(at('a'))).toBe('text')
    removeDurably(at('a'))
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a private folder', () => {
  it('is made 0700, keeps itself out of git, and stays as it is the next time', () => {
    ensurePrivateFolder(at('p'))
    ensurePrivateFolder(at('p'))
    expect(mode(at('p'))).toBe(0o700)
    expect([text(at('p/.gitignore')), mode(at('p/.gitignore')), readdirSync(at('p'))]).toEqual([
      '*\n',
      0o600,
      ['.gitignore'],
    ])
  })

  it('is closed and completed where somebody opened it', () => {
    mkdirSync(at('p'), { mode: 0o755 })
    writeFileSync(at('p/.gitignore'), '')
    ensurePrivateFolder(at('p'))
    expect([mode(at('p')), text(at('p/.gitignore'))]).toEqual([0o700, '*\n'])
  })

  it.each([
    ['a link to a folder', () => [mkdirSync(at('b')), symlinkSync(at('b'), at('p'))], 'is a link'],
    ['a file', () => writeFileSync(at('p'), ''), 'is not a folder'],
    [
      "somebody else's folder",
      () => [mkdirSync(at('p')), chownSync(at('p'), 12345, 12345)],
      'belongs to uid 12345',
    ],
  ])('is never %s', (_what, plant, why) => {
    plant()
    expect(problem(() => ensurePrivateFolder(at('p')))).toContain(
      `error: F/p is not safe to use\nwhy:   it ${why};`,
    )
    expect(existsSync(at('b/.gitignore'))).toBe(false)
  })

  it('is made in a folder that exists, not together with it', () => {
    expect(problem(() => ensurePrivateFolder(at('q/p')))).toContain(
      'error: cannot write F/q/p\nwhy:   the folder does not exist',
    )
  })
})
