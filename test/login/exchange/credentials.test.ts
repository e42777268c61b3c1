import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../../lib/config.ts'
import type { Bank } from '../../../lib/invariant.ts'
import { readCredentials } from '../../../lib/io/login/credentials.ts'
import { type Problem, renderProblem } from '../../../lib/problem.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'

const config = parseConfig({}, 'test')
let folder: string
beforeEach(() => {
  folder = temporaryFolder('credentials')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (text: string, mode = 0o600): void => {
  writeFileSync(join(folder, 'monzo_credentials.json'), text)
  chmodSync(join(folder, 'monzo_credentials.json'), mode)
}
function problem(bank: Bank): string {
  try {
    readCredentials(bank, folder, config)
  } catch (error) {
    expect((error as Problem).exitCode).toBe(4)
    return renderProblem((error as Problem).lines).replaceAll(folder, 'F')
  }
  return 'nothing was thrown'
}

describe('the credentials file', () => {
  it('is read as it is', () => {
    const text =
      '{ "client_id": "id", "client_secret": "secret", "redirect_uri": "http://localhost:5001/monzo/callback" }'
    write(text)
    expect(readCredentials('monzo', folder, config)).toEqual({
      id: 'id',
      secret: 'secret',
      redirectUri: 'http://localhost:5001/monzo/callback',
      text,
    })
    write('{"client_id":"id","client_secret":"secret"}')
    expect(readCredentials('monzo', folder, config)).not.toHaveProperty('redirectUri')
  })

  it('is read by the configured names', () => {
    write('{"id":"a","key":"b"}')
    const keyNames = { ...config.keyNames, clientId: 'id', clientSecret: 'key' }
    expect(readCredentials('monzo', folder, { keyNames })).toMatchObject({ id: 'a', secret: 'b' })
  })

  it('that is absent: where its values come from, its path, its shape, its mode', () => {
    expect(problem('monzo')).toBe(
      [
        'error: monzo_credentials.json cannot be used',
        'why:   F/monzo_credentials.json is absent',
        "       client id and secret come from Monzo's developer console at developers.monzo.com (Clients; Confidential must be set)",
        'next:  write F/monzo_credentials.json, mode 0600: {"client_id":"…","client_secret":"…","redirect_uri":"http://localhost:5001/monzo/callback"}',
        'left:  nothing was changed, and no bank was talked to',
      ].join('\n'),
    )
    expect(problem('truelayer')).toContain(
      'come from TrueLayer\'s Console at truelayer.com (App settings, live)\nnext:  write F/truelayer_credentials.json, mode 0600: {"client_id":"…","client_secret":"…"}\n',
    )
  })

  it.each([
    [0o644, '0644'],
    [0o640, '0640'],
    [0o602, '0602'],
  ])('with mode %o: the command that closes it', (mode, shown) => {
    write('{"client_id":"id","client_secret":"secret"}', mode)
    expect(problem('monzo')).toBe(
      [
        'error: monzo_credentials.json is open to others',
        `why:   its mode is ${shown}, and the client secret is in it`,
        'next:  chmod 600 F/monzo_credentials.json',
        'left:  nothing was changed, and no bank was talked to',
      ].join('\n'),
    )
  })

  it.each([
    ['', 'F/monzo_credentials.json is not a JSON object'],
    ['{"client_id": "the-secret-id",', 'F/monzo_credentials.json is not a JSON object'],
    ['["the-secret-id"]', 'F/monzo_credentials.json is not a JSON object'],
    ['{"client_secret":"the-secret"}', 'client_id is missing in F/monzo_credentials.json'],
    ['{"client_id":"id"}', 'client_secret is missing in F/monzo_credentials.json'],
    ['{"client_id":"id","client_secret":""}', 'client_secret in F/monzo_credentials.json is not a text'],
    ['{"client_id":7,"client_secret":"the-secret"}', 'client_id in F/monzo_credentials.json is not a text'],
    [
      '{"client_id":"id","client_secret":"the-secret\\n"}',
      'client_secret in F/monzo_credentials.json begins or ends with a space',
    ],
    [
      '{"client_id":"id","client_secret":"the-secret","redirect_uri":"the-secret"}',
      'redirect_uri in F/monzo_credentials.json is not an http or https address',
    ],
  ])('with %s: what is wrong, without a value', (text, why) => {
    write(text)
    const says = problem('monzo')
    expect(says).toContain(`\nwhy:   ${why}\n`)
    expect(says).not.toContain('the-secret')
  })

  it('that is a folder is no file', () => {
    mkdirSync(join(folder, 'monzo_credentials.json'), { mode: 0o700 })
    expect(problem('monzo')).toContain('\nwhy:   F/monzo_credentials.json is not a regular file\n')
  })
})
