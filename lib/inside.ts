import { lastLine } from './mask.ts'
import { type Mount, parseMounts } from './mount.ts'
import type { RecordOf } from './probe-record.ts'
import { parseUnits, type Unit } from './systemd-unit.ts'

/** Units that a wants or requires link enables, and the drop-ins of each. */
export type Disk = { linked: Set<string>; dropIns: Map<string, string[]> }

/** What was seen inside CT109, or why nothing was. */
export type Inside =
  | {
      state: 'answered'
      addresses: string[]
      /** the host's uid of the container's root; 0 when privileged */
      mappedRoot: number
      mounts: Mount[]
      /** `device inode` of the data folder as the container sees it; null when it is not there */
      folder: string | null
      /** what the container's root may do, by file name; `.` is the data folder itself */
      access: Map<string, { read: boolean; write: boolean; enter: boolean }>
      units: Map<string, Unit>
      /** what lies on the disk for the timers, whatever systemd remembers of it */
      disk: Disk
    }
  | { state: 'stopped'; says: string }
  | { state: 'not-asked' }
  | { state: 'unknown'; why: string }

/** Reads the record of the look inside. Anything but a whole answer or a plain "stopped" is `unknown`. */
export function parseInside(record: RecordOf<'inside'>): Inside {
  if (record.state === 'not-asked') return { state: 'not-asked' }
  if (record.state === 'hung') return { state: 'unknown', why: 'pct exec did not answer in time' }
  const stopped = /^status: (stopped|starting|stopping)\s*$/m.exec(record.status ?? '')
  if (stopped) return { state: 'stopped', says: stopped[1] ?? 'stopped' }
  const sections = sectionsOf(record.out)
  const end = sections.get('end')
  if (record.exit !== 0 || end === undefined) {
    return { state: 'unknown', why: lastLine(record.err) || 'the look inside the container was cut short' }
  }
  if (end !== '0') return { state: 'unknown', why: 'systemd inside the container does not answer' }
  return { state: 'answered', ...read(sections) }
}

function sectionsOf(out: string): Map<string, string> {
  const sections = new Map<string, string>()
  for (const part of `\n${out}`.split('\n== ').slice(1)) {
    const at = part.search(/[\n ]/)
    const name = at < 0 ? part : part.slice(0, at)
    if (!sections.has(name)) sections.set(name, at < 0 ? '' : part.slice(at + 1).replace(/\n$/, ''))
  }
  return sections
}

function read(sections: Map<string, string>) {
  const lines = (name: string): string[] => (sections.get(name) ?? '').split('\n').filter(Boolean)
  const folder = lines('folder')[0] ?? 'absent'
  return {
    addresses: (sections.get('address') ?? '').match(/\b\d+\.\d+\.\d+\.\d+\b/g) ?? [],
    mappedRoot: Number(lines('uid_map')[0] ?? Number.NaN),
    mounts: parseMounts(lines('mounts')),
    folder: folder === 'absent' ? null : folder,
    access: new Map(lines('access').map(parseAccess)),
    units: parseUnits(sections.get('units') ?? ''),
    disk: parseDisk(lines('disk')),
  }
}

function parseDisk(lines: string[]): Disk {
  const disk: Disk = { linked: new Set(), dropIns: new Map() }
  for (const line of lines) {
    const [, kind, unit = '', path = ''] = /^(link|drop-in) (\S+) ?(.*)$/.exec(line) ?? []
    if (kind === 'link') disk.linked.add(unit)
    if (kind === 'drop-in') disk.dropIns.set(unit, [...(disk.dropIns.get(unit) ?? []), path])
  }
  return disk
}

function parseAccess(line: string): [string, { read: boolean; write: boolean; enter: boolean }] {
  const at = line.indexOf(' ')
  const flags = line.slice(0, at)
  return [
    line.slice(at + 1),
    { read: flags.includes('-r'), write: flags.includes('-w'), enter: flags.includes('-x') },
  ]
}
