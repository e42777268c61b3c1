import { type Inside, parseInside } from './inside.ts'
import type { Bank } from './invariant.ts'
import { type Lease, parseLease } from './lease.ts'
import type { Journal } from './login/journal.ts'
import { type LoginRecord, parseLoginRecord } from './login-record.ts'
import { lastLine } from './mask.ts'
import { type Mount, parseMounts } from './mount.ts'
import { type Noted, noted } from './note.ts'
import type { ProbeRecord, RecordOf } from './probe-record.ts'
import { type ContainerConfig, parseContainerConfig } from './proxmox-config.ts'
import { parseUnits, type Unit } from './systemd-unit.ts'

export type File = Omit<RecordOf<'file'>, 'k'>
export type Log = Omit<RecordOf<'log'>, 'k'>
/** What Z2 says of the logins at a bank: who logs in now, and what was committed last. */
export type LoginNotes = { lease: Noted<Lease>; record: Noted<LoginRecord> }
export type Trace = RecordOf<'traces'>['found'][number]

/** What one look found on Z2 and in CT109. A part that could not be looked at is missing or says why. */
export type Host = {
  /** ms since 1970 by Z2's own clock */
  nowMs: number
  monotonicMs: number | null
  uid: number
  config:
    | { state: 'here'; values: ContainerConfig }
    | { state: 'other-node'; node: string }
    | { state: 'absent' }
    | { state: 'unreadable'; why: string }
  folder: Omit<RecordOf<'folder'>, 'k'>
  mounts: Mount[] | null
  /** what is left on the disk of the data folder; missing where nobody could tell */
  room: { bytes?: number | undefined; files?: number | undefined }
  files: Map<string, File>
  logs: Map<string, Log>
  logins: Record<Bank, LoginNotes>
  units: Map<string, Unit> | { why: string }
  traces: { found: Trace[]; unread: string[] }
  inside: Inside
}

/** A file on the Mac; `state` as on the host. */
export type MacFile = {
  state: 'absent' | 'file' | 'unreadable' | 'other'
  mode?: number
  json?: boolean
  why?: string
}

export type MacBank = {
  folder: string
  token: MacFile
  credentials: MacFile
  /** how far a login has come that is not finished */
  journal: Noted<Journal>
}
export type Mac = Record<Bank, MacBank>

/** Everything that one look found. */
export type Seen = { host: Host; mac: Mac }

/**
 * Puts the records of one look together.
 * @returns null when one of them is missing, which counts as cut short
 */
export function hostFrom(records: ProbeRecord[]): Host | null {
  const one = <K extends ProbeRecord['k']>(k: K): RecordOf<K> | undefined =>
    records.find((record): record is RecordOf<K> => record.k === k)
  const all = <K extends ProbeRecord['k']>(k: K): RecordOf<K>[] =>
    records.filter((record): record is RecordOf<K> => record.k === k)
  const host = one('host')
  const config = one('config')
  const folder = one('folder')
  const mounts = one('mounts')
  const traces = one('traces')
  const room = one('room')
  const systemd = one('systemd')
  const inside = one('inside')
  const monzo = notesOf('monzo', all('login'))
  const truelayer = notesOf('truelayer', all('login'))
  if (!host || !config || !folder || !mounts || !traces || !room || !systemd || !inside) return null
  if (!monzo || !truelayer) return null
  return {
    nowMs: host.time * 1000,
    monotonicMs: typeof host.monotonic === 'number' ? host.monotonic * 1000 : null,
    uid: host.uid,
    config: configFrom(config),
    folder,
    mounts: mounts.read ? parseMounts(mounts.lines) : null,
    room,
    files: new Map(all('file').map((file) => [file.name, file])),
    logs: new Map(all('log').map((log) => [log.name, log])),
    logins: { monzo, truelayer },
    units: unitsFrom(systemd),
    traces,
    inside: parseInside(inside),
  }
}

function notesOf(bank: Bank, records: RecordOf<'login'>[]): LoginNotes | undefined {
  const found = records.find((one) => one.bank === bank)
  return found && { lease: noted(found.lease, parseLease), record: noted(found.record, parseLoginRecord) }
}

function configFrom(record: RecordOf<'config'>): Host['config'] {
  if (record.state === 'here') return { state: 'here', values: parseContainerConfig(record.lines) }
  if (record.state === 'other-node') return { state: 'other-node', node: record.node ?? '' }
  if (record.state === 'absent') return { state: 'absent' }
  return { state: 'unreadable', why: record.why ?? '' }
}

const unitsFrom = (record: RecordOf<'systemd'>): Host['units'] =>
  record.state === 'ended' && record.exit === 0
    ? parseUnits(record.out)
    : {
        why:
          record.state === 'hung'
            ? 'systemctl did not answer in time'
            : lastLine(record.err) || 'systemctl failed',
      }
