import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPathEngine } from '../../tools/path-engine.ts'

describe('a pulumi on PATH', () => {
  let bin: string
  const put = (name: string, body: string): void => {
    writeFileSync(`${bin}/${name}`, `#!/bin/sh\n${body}\n`)
    chmodSync(`${bin}/${name}`, 0o755)
  }
  // Nothing else of that name may be found, not even on the machine of a person who has Pulumi.
  const found = () => findPathEngine(`${bin}:${bin}/none`)

  beforeEach(() => {
    bin = mkdtempSync(`${tmpdir()}/bulma-path-`)
  })
  afterEach(() => rmSync(bin, { recursive: true }))

  it('is not there', async () => {
    expect(await found()).toBeUndefined()
  })

  it('is used when it is recent enough and has a language host', async () => {
    put('pulumi', 'echo v3.261.0')
    put('pulumi-language-nodejs', 'exit 2')
    expect(await found()).toEqual({ pulumi: `${bin}/pulumi`, version: '3.261.0' })
  })

  it.each([
    ['echo v3.100.0', 'exit 2', 'is 3.100.0, needed is 3.226.0'],
    ['echo v4.1.0', 'exit 2', 'is 4.1.0, needed is 3.226.0'],
    ['echo broken >&2; exit 1', 'exit 2', 'does not run: broken'],
    ['echo v3.261.0', 'exit 127', 'pulumi-language-nodejs does not run'],
  ])('is passed over with a reason: %s, %s', async (pulumi, host, reason) => {
    put('pulumi', pulumi)
    put('pulumi-language-nodejs', host)
    expect(await found()).toEqual({ reason: expect.stringContaining(reason) })
  })

  it('is judged again after an upgrade', async () => {
    put('pulumi', 'echo v3.100.0')
    put('pulumi-language-nodejs', 'exit 0')
    await found()
    put('pulumi', 'echo v3.261.0')
    expect(await found()).toHaveProperty('version')
  })
})
