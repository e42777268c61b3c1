import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { projectDir, projectName, stateFolder } from '../../tools/project.ts'
import {
  commandVersion,
  engineVersion,
  hostVersion,
  isAtLeast,
  leastEngine,
  parseVersion,
} from '../../tools/version.ts'

const read = (path: string): string => readFileSync(`${projectDir}/${path}`, 'utf8')

describe('versions', () => {
  it.each([
    ['v3.259.0', [3, 259, 0]],
    ['3.151.0-dev.0+dirty', [3, 151, 0]],
    ['pulumi 3.9', undefined],
    ['', undefined],
  ])('%j', (text, wanted) => {
    expect(parseVersion(text)).toEqual(wanted)
  })

  it.each([
    ['v3.150.0', '3.150.0', true],
    ['v3.150.1', '3.150.0', true],
    ['v3.99.9', '3.150.0', false],
    ['v3.149.9', '3.150.0', false],
    ['v4.0.0', '3.150.0', false],
    ['nonsense', '3.150.0', false],
  ])('%s is at least %s: %s', (text, least, wanted) => {
    expect(isAtLeast(text, least)).toBe(wanted)
  })

  it('are the ones of the module files, the lock file and the project', () => {
    expect(read('tools/go/engine/go.mod')).toContain(`pulumi/pkg/v3 v${engineVersion}\n`)
    expect(read('tools/go/language-host/go.mod')).toContain(`pulumi/sdk/v3 v${hostVersion}\n`)
    expect(JSON.parse(read('node_modules/@pulumi/command/package.json')).version).toBe(commandVersion)
    expect(isAtLeast(engineVersion, leastEngine)).toBe(true)
    expect(read('Pulumi.yaml')).toMatch(new RegExp(`^name: ${projectName}$`, 'm'))
    expect(read('Pulumi.yaml')).toContain(`url: file://./${stateFolder}\n`)
  })
})
