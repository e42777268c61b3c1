/** One unit as `systemctl show` prints it, LC_ALL=C TZ=UTC. Words are systemd's own. */
export type Unit = {
  id: string
  loadState: string
  activeState: string
  subState: string
  unitFileState: string
  fragmentPath: string
  dropInPaths: string[]
  needsReload: boolean
  result: string
  /** wall clock, ms since 1970, null when unset */
  nextRealtimeMs: number | null
  /** ms since boot on CLOCK_MONOTONIC, null when unset or infinite */
  nextMonotonicMs: number | null
  randomDelayMs: number
  accuracyMs: number
  /** what the unit file asks for, as `OnCalendar=*:00/15`, for messages */
  schedule: string
}

/** True for a service that has ended, and that systemd starts again by its Restart=. It is active by systemd's word meanwhile. */
export const waitsForRestart = ({ subState }: Unit): boolean => subState.startsWith('auto-restart')

/** Reads the blocks of `systemctl show A B C`; a block without an Id is left out. */
export function parseUnits(text: string): Map<string, Unit> {
  const units = new Map<string, Unit>()
  for (const block of text.split(/\n\s*\n/)) {
    const unit = parseBlock(block)
    if (unit.id) units.set(unit.id, unit)
  }
  return units
}

function parseBlock(block: string): Unit {
  const all = new Map<string, string[]>()
  for (const line of block.split('\n')) {
    const at = line.indexOf('=')
    if (at < 1) continue
    const key = line.slice(0, at)
    all.set(key, [...(all.get(key) ?? []), line.slice(at + 1)])
  }
  const get = (key: string): string => all.get(key)?.[0] ?? ''
  return {
    id: get('Id'),
    loadState: get('LoadState'),
    activeState: get('ActiveState'),
    subState: get('SubState'),
    unitFileState: get('UnitFileState'),
    fragmentPath: get('FragmentPath'),
    dropInPaths: get('DropInPaths').split(' ').filter(Boolean),
    needsReload: get('NeedDaemonReload') === 'yes',
    result: get('Result'),
    nextRealtimeMs: parseTimestamp(get('NextElapseUSecRealtime')),
    nextMonotonicMs: parseTimespan(get('NextElapseUSecMonotonic')) || null,
    randomDelayMs: parseTimespan(get('RandomizedDelayUSec')) ?? 0,
    accuracyMs: parseTimespan(get('AccuracyUSec')) ?? 0,
    schedule: [...(all.get('TimersCalendar') ?? []), ...(all.get('TimersMonotonic') ?? [])]
      .map((spec) => /^\{ (\w+=.*?) ;/.exec(spec)?.[1] ?? '')
      .filter(Boolean)
      .join(', '),
  }
}

/** `Sun 2026-11-22 07:00:00 UTC` in ms since 1970; null for anything else (systemd.time(7)). */
export function parseTimestamp(text: string): number | null {
  const match = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? UTC$/.exec(text)
  if (!match) return null
  const ms = Date.parse(`${match[1]}T${match[2]}Z`)
  return Number.isNaN(ms) ? null : ms
}

const unitMs: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
}

/** `1d 2h 3min 4.5s` in ms; null for `infinity`, empty text or anything else (systemd.time(7)). */
export function parseTimespan(text: string): number | null {
  if (text === '0') return 0
  let sum = 0
  const rest = text.replace(/([\d.]+)(us|ms|min|months?|s|h|d|w|y)(?:\s|$)/g, (_, count, name) => {
    sum += Number(count) * (unitMs[name.replace(/months/, 'month')] ?? Number.NaN)
    return ''
  })
  return text === '' || rest !== '' || Number.isNaN(sum) ? null : sum
}

/** The mount units that would hold each folder above `path`: `/mnt/data` is `mnt-data.mount` (systemd.unit(5), escaping). */
export function mountUnitsAbove(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return parts.map(
    (_, at) =>
      `${parts
        .slice(0, at + 1)
        .map(escapeUnit)
        .join('-')}.mount`,
  )
}

const escapeUnit = (part: string): string =>
  Array.from(Buffer.from(part), (byte, at) => {
    const char = String.fromCharCode(byte)
    const plain = /[A-Za-z0-9:_]/.test(char) || (char === '.' && at > 0)
    return plain ? char : `\\x${byte.toString(16).padStart(2, '0')}`
  }).join('')
