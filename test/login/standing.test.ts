import { expect, test } from 'vitest'
import { type OnMac, type OnZ2, standing } from '../../lib/login/standing.ts'

const ours = 'aaaaaaaaaaaaaaaa'
const theirs = 'bbbbbbbbbbbbbbbb'
const third = 'cccccccccccccccc'
const mac = (login: number | null, before: string | null = theirs): OnMac => ({
  login,
  refresh: ours,
  before,
})
const record = (login: number, refresh: string) => ({
  login,
  refresh,
  account: [],
  loggedInAt: 1,
  consentEnd: null,
  committedAt: 2,
})
const z2 = (refresh: string | null, login?: number, committed = refresh ?? theirs): OnZ2 => ({
  refresh,
  record: login === undefined ? null : record(login, committed),
})

test.each<[string, OnMac, OnZ2, string]>([
  ['the same chain on z2 is there, whatever a record says', mac(7), z2(ours, 6, theirs), 'there'],
  ['the same chain without a record is there', mac(7), z2(ours), 'there'],
  ['a higher id than the record is newer', mac(7), z2(theirs, 6), 'newer'],
  ['a higher id is newer though ct109 has rotated the earlier chain', mac(7), z2(third, 6, theirs), 'newer'],
  ['a lower id than the record is older', mac(5), z2(theirs, 6), 'older'],
  ['a chain that was committed and rotated since is dead here', mac(7), z2(third, 7, ours), 'rotated'],
  [
    'a file without a journal that was committed and rotated since is dead too',
    mac(null),
    z2(third, 7, ours),
    'rotated',
  ],
  ['the same id with another chain committed is nobody’s to decide', mac(7), z2(theirs, 7, third), 'unknown'],
  ['no record, and z2 unchanged since its timer was stopped', mac(1), z2(theirs), 'newer'],
  ['no record, and no token file on z2', mac(1), z2(null), 'newer'],
  ['no record, and z2 changed since', mac(1), z2(third), 'unknown'],
  ['a file without a journal, and no record', mac(null), z2(theirs), 'unknown'],
  ['a file without a journal, and a record of another chain', mac(null), z2(theirs, 3), 'unknown'],
])('%s', (_, onMac, onZ2, expected) => {
  expect(standing(onMac, onZ2)).toBe(expected)
})
