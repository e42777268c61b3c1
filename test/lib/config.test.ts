import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { readEngineConfig, readStackConfig } from '../../lib/io/stack-file.ts'
import { Problem } from '../../lib/problem.ts'

const problem = (raw: Record<string, unknown>): Problem => {
  try {
    parseConfig(raw, 'Pulumi.z2.yaml')
  } catch (error) {
    if (error instanceof Problem) return error
  }
  throw new Error('this configuration was taken')
}

describe('the configuration', () => {
  it('has the documented value for every key, so that nothing needs to be set', () => {
    expect(parseConfig({}, 'x')).toMatchObject({
      host: 'hinata-z2',
      containerId: 109,
      containerName: 'bulma-finance',
      containerAddress: '192.168.1.214',
      hostDataDir: '/mnt/data/hinata/data/bulma',
      containerDataDir: '/root/data/bulma',
      macMonzoDir: '~/Sandpit/hinata-sandpit/data/bulma',
      macTruelayerDir: '~/Sandpit/hinata/data/bulma',
      tokenAccess: 'world',
      thresholds: { tokenAgeDays: 85, pollMinutes: 15 },
      truelayer: { redirectUri: 'http://localhost:5001/truelayer/callback' },
    })
  })

  it.each([
    [{ host: '-oProxyCommand=touch x' }, 'bulma:host must be an SSH host alias'],
    [{ host: 'a b' }, 'bulma:host must be an SSH host alias'],
    [{ containerId: '109' }, 'bulma:containerId must be a number'],
    [{ containerId: 99 }, 'bulma:containerId must be at least 100'],
    [{ containerAddress: '192.168.1' }, 'bulma:containerAddress must be an IPv4 address'],
    [{ hostDataDir: 'data' }, 'bulma:hostDataDir must be an absolute path without a slash at its end'],
    [{ hostDataDir: '/a\nb' }, 'bulma:hostDataDir must not hold control characters'],
    [{ tokenAccess: 'anybody' }, 'bulma:tokenAccess must be one of world, mapped-owner'],
    [{ thresholds: { tokenAgeDays: 91 } }, 'bulma:thresholds.tokenAgeDays must be at most 90'],
    [{ thresholds: { days: 1 } }, 'bulma:thresholds.days is not a key that is known'],
    [{ keyNames: { refreshToken: 'a/b' } }, 'bulma:keyNames.refreshToken must be a plain name'],
    [{ monzo: { redirectUri: 'javascript:x' } }, 'bulma:monzo.redirectUri must be an http or https URL'],
    [{ hots: 'x' }, 'bulma:hots is not a key that is known'],
  ])('%j is refused by the name of its key', (raw, why) => {
    const { lines, exitCode } = problem(raw)
    expect(exitCode).toBe(64)
    expect(lines.why.split('\n')).toContain(why)
    expect(lines.left).toBe('nothing was looked at and nothing was changed')
  })

  it('names everything that is wrong at once', () => {
    expect(problem({ host: '', containerId: 1, foo: 2 }).lines.why.split('\n')).toHaveLength(3)
  })

  it('from the engine is the same as from the file: text, with JSON for all else', () => {
    const values = {
      'bulma:host': 'z3',
      'bulma:containerId': '110',
      'bulma:thresholds': '{"pollMinutes":30}',
      'bulma:truelayer': '{"pkce":true}',
      'other:key': 'x',
    }
    expect(readEngineConfig(values, 'z3')).toMatchObject({
      host: 'z3',
      containerId: 110,
      thresholds: { pollMinutes: 30, tokenAgeDays: 85 },
      truelayer: { pkce: true },
    })
    const older = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key.replace(':', ':config:'), value]),
    )
    expect(readEngineConfig(older, 'z3')).toEqual(readEngineConfig(values, 'z3'))
  })
})

describe('the file of a stack', () => {
  const read = (text: string): unknown => {
    const folder = mkdtempSync(join(tmpdir(), 'bulma-stack-'))
    try {
      writeFileSync(join(folder, 'Pulumi.odd.yaml'), text)
      return readStackConfig('odd', folder).host
    } catch (error) {
      return error instanceof Problem ? `${error.exitCode} ${error.lines.why}` : error
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it('may be empty, since every key has a default, but is never text or a list', () => {
    expect(read('')).toBe('hinata-z2')
    expect(read('# nothing\n')).toBe('hinata-z2')
    expect(read('host: z3')).toBe('hinata-z2')
    expect(read('garbage')).toBe('64 it must be a map')
    expect(read('- a\n')).toBe('64 it must be a map')
    expect(read('5')).toBe('64 it must be a map')
  })
})
