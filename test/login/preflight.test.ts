import { expect, test } from 'vitest'
import { configSchema } from '../../lib/config.ts'
import type { Sight } from '../../lib/login/order.ts'
import { preflight } from '../../lib/login/preflight.ts'
import { Problem } from '../../lib/problem.ts'

const config = configSchema.parse({})
const client = '0123456789abcdef'
const now = 1_795_300_000
const good: Sight = {
  now,
  uid: 0,
  lease: null,
  record: {
    login: 1,
    refresh: client,
    account: [client],
    loggedInAt: now,
    consentEnd: null,
    committedAt: now,
  },
  issued: 1,
  token: { state: 'file', fingerprint: client, shape: [] },
  credentials: { state: 'file', client, sha256: client },
  container: { identity: 'ours', name: 'bulma-finance', running: true, says: null },
  timer: { active: 'active', unitFile: 'enabled', load: 'loaded', next: true },
  service: { active: 'inactive', sub: 'dead', load: 'loaded', since: null },
  folder: { here: true, shared: true, sameFileSystem: true, writable: true, immutable: [] },
  room: { bytes: 81e9, files: 1000 },
  switchArmed: false,
}
const check = (changes: Partial<Sight>, bank: 'monzo' | 'truelayer' = 'monzo', seconds = now) =>
  preflight(bank, config, 'z2', { ...good, ...changes }, client, seconds)

test('what is as documented raises no doubt', () => {
  expect(check({})).toEqual({ doubts: [], freeBytes: 81e9 })
})

test.each<[string, Partial<Sight>, RegExp, RegExp]>([
  [
    'another container',
    { container: { identity: 'other', name: 'web', running: true, says: null } },
    /109 is web, not bulma-finance/,
    /drift/,
  ],
  [
    'no container',
    { container: { identity: 'absent', name: null, running: false, says: null } },
    /109 is not on z2/,
    /drift/,
  ],
  [
    'a stopped container',
    { container: { ...good.container, running: false } },
    /109 does not run/,
    /npm run up/,
  ],
  ['a masked timer', { timer: { ...good.timer, load: 'masked' } }, /timer is masked in ct109/, /drift/],
  [
    'no poller',
    { service: { ...good.service, load: 'not-found' } },
    /service is not-found in ct109/,
    /drift/,
  ],
  ['no data folder', { folder: { ...good.folder, here: false } }, /is not a folder on z2/, /drift/],
  ['another bind mount', { folder: { ...good.folder, shared: false } }, /ct109 does not see/, /drift/],
  [
    'staging on another disk',
    { folder: { ...good.folder, sameFileSystem: false } },
    /another disk/,
    /bulma:stagingDir/,
  ],
  [
    'a token file that is immutable',
    { folder: { ...good.folder, immutable: ['tokens_monzo.json'] } },
    /tokens_monzo.json on z2 is immutable/,
    /chattr -i -a .*tokens_monzo.json/,
  ],
  ['a read-only disk', { folder: { ...good.folder, writable: false } }, /cannot be written to/, /drift/],
  ['a full disk', { room: { bytes: 1000, files: 1 } }, /is full/, /df -h/],
  ['no inode left', { room: { bytes: 1e9, files: 0 } }, /is full/, /df -h/],
  [
    'a link in place of the token file',
    { token: { ...good.token, state: 'other' } },
    /no regular file/,
    /drift/,
  ],
])('%s stops a login before a browser opens', (_, changes, why, next) => {
  try {
    check(changes)
    expect.fail('it was let through')
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    expect(error.exitCode).toBe(4)
    expect(error.lines.what).toBe('a login could not be brought to ct109 now')
    expect(error.lines.why).toMatch(why)
    expect(error.lines.next).toMatch(next)
    expect(error.lines.left).toBe('nothing was changed, and no browser was opened')
  }
})

test('another client than ct109 uses is asked about', () => {
  const { doubts } = check({ credentials: { ...good.credentials, client: 'ffffffffffffffff' } })
  expect(doubts).toEqual([
    { says: expect.stringMatching(/another client/), question: 'replace the client that ct109 uses' },
  ])
})

test('what cannot be compared, made anew or trusted is said and not asked', () => {
  const absent: Sight['token'] = { state: 'absent', fingerprint: null, shape: [] }
  const none = { state: 'absent', client: null, sha256: null } as const
  const { doubts } = check({ token: absent, credentials: none, record: null }, 'truelayer', now + 500)
  expect(doubts.map(({ question }) => question)).toEqual([null, null, null, null])
  expect(doubts.map(({ says }) => says).join('\n')).toMatch(
    /not be compared[\s\S]*no good[\s\S]*no record[\s\S]*differ by 500 s/,
  )
})
