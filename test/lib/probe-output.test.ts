import { describe, expect, it } from 'vitest'
import { parseInside } from '../../lib/inside.ts'
import { parseProbeOutput } from '../../lib/probe-output.ts'

const id = 'a1b2c3'
const job = { out: '', err: '', exit: 0 }
const records = [
  { k: 'config', state: 'here', lines: ['hostname: bulma-finance', 'onboot: 1', 'mp0: /a,mp=/b,backup=1'] },
  { k: 'host', time: 1_795_000_000.5, monotonic: 12.5, uid: 0 },
  { k: 'folder', state: 'folder', device: '1', inode: '2', mode: 511, uid: 0 },
  { k: 'mounts', read: true, lines: ['1 2 8:1 / / rw,relatime - ext4 /dev/sda1 rw'] },
  { k: 'login', bank: 'monzo', lease: { state: 'absent' }, record: { state: 'absent' } },
  { k: 'login', bank: 'truelayer', lease: { state: 'absent' }, record: { state: 'absent' } },
  { k: 'traces', unread: [], found: [] },
  { k: 'room', bytes: 1, files: 1 },
  { k: 'systemd', state: 'ended', ...job },
  { k: 'inside', state: 'not-asked', out: '', err: '' },
]
const printed = (body: unknown[] = records, count = body.length): string =>
  `\nBULMA ${id} BEGIN\n${body.map((one) => `${JSON.stringify(one)}\n`).join('')}BULMA ${id} END ${count}\n`

describe('the answer of a look', () => {
  it('is whole between its two markers with the right count', () => {
    const output = parseProbeOutput(printed(), id)
    expect(output.state).toBe('whole')
    if (output.state !== 'whole') return
    expect(output.host.config).toMatchObject({
      values: { mounts: [{ key: 'mp0', source: '/a', destination: '/b' }] },
    })
  })

  it('may follow whatever a noisy login shell printed, with or without a line end', () => {
    expect(parseProbeOutput(`Welcome!\nBULMA zz BEGIN\nno newline${printed()}`, id).state).toBe('whole')
  })

  it('cut off after any byte is never whole', () => {
    const whole = printed()
    const states = new Set(
      Array.from({ length: whole.length - 1 }, (_, at) => parseProbeOutput(whole.slice(0, at), id).state),
    )
    expect([...states].sort()).toEqual(['cut', 'none'])
  })

  it('with a missing record, another count or another id is not used', () => {
    for (const at of records.keys()) {
      const without = records.filter((_, index) => index !== at)
      expect(parseProbeOutput(printed(without), id).state).toBe('cut')
    }
    expect(parseProbeOutput(printed(records, 7), id).state).toBe('cut')
    expect(parseProbeOutput(printed(), 'other').state).toBe('none')
  })

  it('in another form is not believed', () => {
    const lie = [{ k: 'host', time: 'now', uid: 0 }, ...records.slice(1)]
    expect(parseProbeOutput(printed(lie), id)).toEqual({
      state: 'foreign',
      why: 'record 1 of the look is not what was asked for',
    })
    expect(parseProbeOutput(printed().replace('{"k":"mounts"', 'k:mounts'), id).state).toBe('foreign')
  })
})

describe('the leases and records in an answer', () => {
  const read = (lease: unknown) => {
    const told = records.map((one) => ('bank' in one && one.bank === 'monzo' ? { ...one, lease } : one))
    const output = parseProbeOutput(printed(told), id)
    return output.state === 'whole' ? output.host.logins.monzo.lease : output.state
  }

  it('are what they are: here, absent or broken, and never absent because they are broken', () => {
    const value = { holder: 'nnamdi@mac', pid: 1, login: 2, since: 3, deadline: 4 }
    expect(read({ state: 'here', value })).toEqual({ state: 'here', value })
    expect(read({ state: 'absent', why: 'No such file or directory' })).toEqual({ state: 'absent' })
    expect(read({ state: 'broken', why: 'it is empty' })).toEqual({ state: 'broken', why: 'it is empty' })
    expect(read({ state: 'here', value: { ...value, pid: false } })).toEqual({
      state: 'broken',
      why: 'pid is missing or has another type',
    })
    expect(read({ state: 'here' })).toEqual({ state: 'broken', why: 'it is not a JSON object' })
    expect(read('none')).toBe('foreign')
  })
})

describe('the answer from inside the container', () => {
  const out = [
    '== address',
    '192.168.1.214 fe80::1',
    '== uid_map',
    '100000',
    '== mounts',
    '5 6 8:1 /d /root/data/bulma rw - ext4 /dev/sda1 rw',
    '== folder',
    '2049 77',
    '== access',
    '-w-x .',
    '-w odd name.json',
    '== disk',
    'link a.timer',
    'drop-in a.timer /etc/systemd/system/a.timer.d/odd name.conf',
    '== units',
    'Id=a.timer',
    '== end 0',
    '',
  ].join('\n')
  const inside = (change: Record<string, unknown>) =>
    parseInside({ k: 'inside', state: 'ended', out, err: '', exit: 0, ...change })

  it('is read section by section', () => {
    expect(inside({})).toMatchObject({
      state: 'answered',
      addresses: ['192.168.1.214'],
      mappedRoot: 100000,
      folder: '2049 77',
    })
    const found = inside({})
    if (found.state !== 'answered') return
    expect(found.access.get('.')).toEqual({ read: false, write: true, enter: true })
    expect(found.disk.linked.has('a.timer')).toBe(true)
    expect(found.disk.dropIns.get('a.timer')).toEqual(['/etc/systemd/system/a.timer.d/odd name.conf'])
    expect(found.access.get('odd name.json')).toEqual({ read: false, write: true, enter: false })
  })

  it('cut off anywhere is unknown', () => {
    const states = Array.from({ length: out.length - 2 }, (_, at) => inside({ out: out.slice(0, at) }).state)
    expect(new Set(states)).toEqual(new Set(['unknown']))
  })

  it('is stopped only when pct status says so', () => {
    expect(inside({ exit: 255, out: '', status: 'status: stopped\n' })).toEqual({
      state: 'stopped',
      says: 'stopped',
    })
    expect(inside({ exit: 255, out: '', err: "container '109' not running!", status: '' }).state).toBe(
      'unknown',
    )
  })

  it('is unknown when pct hangs, is missing, or systemd inside does not answer', () => {
    expect(inside({ state: 'hung' })).toEqual({ state: 'unknown', why: 'pct exec did not answer in time' })
    expect(
      inside({ state: 'not-started', exit: 137, out: '', err: 'pct: No such file or directory' }),
    ).toEqual({
      state: 'unknown',
      why: 'pct: No such file or directory',
    })
    expect(inside({ out: out.replace('== end 0', '== end 1') }).state).toBe('unknown')
  })
})
