import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const lines = (file: string): number => read(file).trimEnd().split('\n').length
const sources = tracked.filter((file) => file.endsWith('.ts'))
const below = (...folders: string[]): string[] =>
  sources.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)))

/** What a file imports: paths from the root of the project, or names of packages. */
const imports = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? normalize(join(dirname(file), name)) : name,
  )

const importing = (files: string[], forbidden: (name: string) => boolean): string[] =>
  files.flatMap((file) =>
    imports(file)
      .filter(forbidden)
      .map((name) => `${file} imports ${name}`),
  )

const effects = /^(node:(?!util$)|zx|ssh2|@pulumi\/|yaml|open|vitest)/

describe('who may import what', () => {
  const pure = below('lib').filter((file) => !file.startsWith('lib/io/'))

  it('lib/ outside lib/io/ imports nothing with effects', () => {
    expect(importing(pure, (name) => effects.test(name) || name.startsWith('lib/io/'))).toEqual([])
  })

  it('lib/ outside lib/io/ reads no clock, no randomness, no environment', () => {
    const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bconsole\./
    expect(pure.filter((file) => impure.test(read(file)))).toEqual([])
  })

  it('stacks/ is data: it imports lib/ and itself, and decides nothing', () => {
    const outside = (name: string): boolean => !/^(lib\/(?!io\/)|stacks\/)/.test(name)
    expect(importing(below('stacks'), outside)).toEqual([])
    expect(below('stacks').filter((file) => /\bif \(|\bfor \(|\bwhile \(/.test(read(file)))).toEqual([])
  })

  it('lib/ and stacks/ know nothing of the tools, the scripts and the labs', () => {
    const later = (name: string): boolean => /^(tools|scripts|lab|test|bench)\//.test(name)
    expect(importing(below('lib', 'stacks'), later)).toEqual([])
  })

  it('only index.ts and tools/ touch the Pulumi SDK', () => {
    const others = sources.filter((file) => file !== 'index.ts' && !/^(tools|test)\//.test(file))
    expect(importing(others, (name) => name.startsWith('@pulumi/'))).toEqual([])
  })
})

describe('sizes', () => {
  it('index.ts fits on a screen', () => expect(lines('index.ts')).toBeLessThanOrEqual(40))

  it('a script is thin', () => {
    expect(below('scripts').filter((file) => lines(file) > 60)).toEqual([])
  })

  it('a file fits in the head', () => {
    const code = tracked.filter((file) => /\.(ts|sh|pl|pm)$/.test(file) && !file.startsWith('test/'))
    expect(code.filter((file) => lines(file) > 150)).toEqual([])
  })
})

describe('names', () => {
  const code = tracked.filter((file) => /^(lib|stacks|scripts|tools|lab|bench|test)\//.test(file))

  it('no grab bags', () => {
    const grabBag = /^(utils?|helpers?|common|types?|misc|shared|index)\.ts$/
    expect(code.filter((file) => grabBag.test(basename(file)))).toEqual([])
  })

  it('files are kebab-case nouns', () => {
    const ours = code.filter((file) => /\.(ts|sh|pl)$/.test(file) && !file.startsWith('test/fixture/'))
    expect(
      ours.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|sh|pl)$/.test(basename(file))),
    ).toEqual([])
  })
})

describe('what must not be in the repository', () => {
  const texts = tracked.filter(
    (file) => !/package-lock\.json$|go\.sum$/.test(file) && file !== 'test/house.test.ts',
  )

  it('no path of the machine that it was written on', () => {
    const machine = new RegExp(['/wo', 'rk/|/fa', 'rm/|/tmp/bash', '_jobs'].join(''))
    expect(texts.filter((file) => machine.test(read(file)))).toEqual([])
  })

  it('nothing left for later, nothing skipped, nothing swallowed', () => {
    const left =
      /\bTODO\b|\bFIXME\b|\bXXX\b|\b(?:it|test|describe)\.(?:skip|todo|only)\b|\.skipIf\(|catch\s*(?:\(\w*\))?\s*\{\s*\}/
    expect(texts.filter((file) => left.test(read(file)))).toEqual([])
  })
})

describe('package.json', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >

  it('pins every dependency to one version', () => {
    const all = { ...dependencies, ...devDependencies }
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})
