import { type Config, parseConfig } from '../lib/config.ts'
import type { Declaration } from '../lib/invariant.ts'
import type { Lease } from '../lib/lease.ts'
import type { Journal, JournalStep } from '../lib/login/journal.ts'
import type { LoginRecord } from '../lib/login-record.ts'
import type { Noted } from '../lib/note.ts'
import type { Seen } from '../lib/seen.ts'
import { parseUnits } from '../lib/systemd-unit.ts'
import { declare } from '../stacks/declaration.ts'

// What is said of a moment is said in the time zone of the machine that says it.
process.env.TZ = 'UTC'

/** 2026-11-22 04:07:00 UTC, a Sunday, by the clock of every Z2 in these tests. */
export const nowMs = Date.UTC(2026, 10, 22, 4, 7, 0)

const showTimer = (name: string): string => `Id=${name}
LoadState=loaded
ActiveState=active
SubState=waiting
UnitFileState=enabled
FragmentPath=/etc/systemd/system/${name}
DropInPaths=
NeedDaemonReload=no
Result=success
NextElapseUSecRealtime=Sun 2026-11-22 04:15:00 UTC
NextElapseUSecMonotonic=infinity
RandomizedDelayUSec=0
AccuracyUSec=1min
TimersCalendar={ OnCalendar=*-*-* *:00/15:00 ; next_elapse=Sun 2026-11-22 04:15:00 UTC }`

const showService = (name: string): string => `Id=${name}
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=static
Result=success`

const showAbsent = (name: string): string => `Id=${name}
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=`

const units = (blocks: string[]) => parseUnits(blocks.join('\n\n'))

/** A world in which everything holds; a test changes the one thing that it is about. */
export function healthy(raw: Record<string, unknown> = {}): {
  declaration: Declaration
  config: Config
  seen: Seen
} {
  const config = parseConfig(raw, 'Pulumi.z2.yaml')
  const declaration = declare(config)
  const file = (name: string, time?: string) => ({
    name,
    state: 'file' as const,
    mode: 0o646,
    links: 1,
    uid: 100000,
    gid: 100000,
    size: 300,
    changed: nowMs / 1000 - 600,
    json: 'object' as const,
    missing: [],
    time: time ?? null,
    hasTime: time !== undefined,
  })
  const log = (bank: string) => ({
    name: `poll-${bank}.log`,
    state: 'file' as const,
    size: 1000,
    changed: nowMs / 1000 - 420,
    events: [{ kind: 'refresh-ok' as const }, { kind: 'transactions' as const }, { kind: 'done' as const }],
  })
  const legacy = declaration.invariants.filter(({ kind }) => kind === 'legacy-unit').map(({ name }) => name)
  const seen: Seen = {
    host: {
      nowMs,
      monotonicMs: 1_000_000,
      uid: 0,
      config: {
        state: 'here',
        values: {
          hostname: 'bulma-finance',
          onboot: true,
          unprivileged: true,
          lock: null,
          mounts: [{ key: 'mp0', source: config.hostDataDir, destination: config.containerDataDir }],
          addresses: ['192.168.1.214'],
        },
      },
      folder: { state: 'folder', device: '2049', inode: '77', mode: 0o777, uid: 0 },
      mounts: [{ at: '/', fsType: 'ext4', source: '/dev/sda1', readOnly: false }],
      room: { bytes: 80_000_000_000, files: 1_000_000 },
      files: new Map(
        [
          file('tokens_monzo.json'),
          file('tokens_truelayer.json', '2026-10-12T09:00:00Z'),
          file('monzo_credentials.json'),
        ]
          .map((one) => (one.name === 'monzo_credentials.json' ? { ...one, mode: 0o644 } : one))
          .map((one) => [one.name, one]),
      ),
      logs: new Map([log('monzo'), log('truelayer')].map((one) => [one.name, one])),
      logins: {
        monzo: { lease: { state: 'absent' }, record: { state: 'absent' } },
        truelayer: { lease: { state: 'absent' }, record: { state: 'absent' } },
      },
      units: units(legacy.map(showAbsent)),
      traces: { found: [], unread: [] },
      inside: {
        state: 'answered',
        addresses: ['192.168.1.214'],
        mappedRoot: 100000,
        mounts: [{ at: config.containerDataDir, fsType: 'ext4', source: '/dev/sda1', readOnly: false }],
        folder: '2049 77',
        access: new Map([
          ['.', { read: true, write: true, enter: true }],
          ['tokens_monzo.json', { read: true, write: true, enter: false }],
          ['tokens_truelayer.json', { read: true, write: true, enter: false }],
          ['monzo_credentials.json', { read: true, write: false, enter: false }],
        ]),
        disk: {
          linked: new Set(['bulma-poll-monzo.timer', 'bulma-poll-truelayer.timer']),
          dropIns: new Map(),
        },
        units: units(
          ['monzo', 'truelayer'].flatMap((bank) => [
            showTimer(`bulma-poll-${bank}.timer`),
            showService(`bulma-poll-${bank}.service`),
          ]),
        ),
      },
    },
    mac: {
      monzo: {
        folder: '/home',
        token: { state: 'absent' },
        credentials: { state: 'file', mode: 0o600, json: true },
        journal: { state: 'absent' },
      },
      truelayer: {
        folder: '/home',
        token: { state: 'absent' },
        credentials: { state: 'file', mode: 0o600, json: true },
        journal: { state: 'absent' },
      },
    },
  }
  return { config, declaration, seen }
}

/** A login that Z2 has recorded; a test changes what it is about. */
export const loginRecord: LoginRecord = {
  login: 7,
  refresh: 'a1b2c3d4e5f60718',
  account: ['0011223344556677'],
  loggedInAt: nowMs / 1000 - 3600,
  consentEnd: null,
  committedAt: nowMs / 1000 - 3580,
}

/** A login on the Mac that began ten minutes ago. */
export const journalAt = (step: JournalStep): Noted<Journal> => ({
  state: 'here',
  value: {
    version: 1,
    bank: 'monzo',
    login: 8,
    step,
    startedAt: new Date(nowMs - 600_000).toISOString(),
    changedAt: new Date(nowMs - 540_000).toISOString(),
    refresh: null,
    account: null,
    consentEnd: null,
    before: null,
  },
})

/** Somebody logs in: since four minutes ago, for another minute. */
export const liveLease: Noted<Lease> = {
  state: 'here',
  value: {
    holder: 'nnamdi@mac',
    pid: 4242,
    login: 8,
    since: nowMs / 1000 - 240,
    deadline: nowMs / 1000 + 60,
  },
}

/** The part of a healthy world that a test is about, ready to be changed in place. */
export function answered(seen: Seen) {
  const { inside } = seen.host
  if (inside.state !== 'answered') throw new Error('this world was not looked into')
  return inside
}

/** A value of a map that must be there. */
export function present<T>(map: Map<string, T>, name: string): T {
  const value = map.get(name)
  if (value === undefined) throw new Error(`${name} is not there`)
  return value
}
