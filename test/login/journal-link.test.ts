import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { journalFile } from '../../lib/io/login/journal-file.ts'
import { lookAtMac } from '../../lib/io/mac.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulma-journal-'))
  mkdirSync(join(folder, '.reauth'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const seen = () =>
  lookAtMac(parseConfig({ macMonzoDir: folder, macTruelayerDir: folder }, 'x'), folder).monzo.journal

it('a journal that is a link to nowhere is a broken one, to a look and to a login', () => {
  expect(seen()).toEqual({ state: 'absent' })
  expect(journalFile('monzo', folder).read()).toBe(null)
  symlinkSync('nowhere', join(folder, '.reauth/monzo.json'))
  expect(seen()).toEqual({ state: 'broken', why: 'ENOENT' })
  expect(() => journalFile('monzo', folder).read()).toThrow('the journal of the last login cannot be read')
})
