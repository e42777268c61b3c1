import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import type { Trace } from '../seen.ts'
import type { Unit } from '../systemd-unit.ts'
import type { Context } from './context.ts'

/** Where a package puts its units: a file there comes back with the next upgrade, so it is masked and not removed. */
const vendorDirs = ['/usr/lib/systemd/system/', '/lib/systemd/system/']

/** Nowhere systemd looks, no drop-ins, no wants links; or, where a package ships it, masked and inactive. */
export function judgeLegacyUnit({ name }: InvariantOf<'legacy-unit'>, { seen }: Context): Verdict {
  const want = 'absent'
  const { units, traces } = seen.host
  if (!(units instanceof Map)) return { state: 'unknown', want, seen: units.why }
  if (traces.unread.length > 0)
    return { state: 'unknown', want, seen: `cannot read ${traces.unread.join(', ')}` }
  const unit = units.get(name)
  if (!unit) return { state: 'unknown', want, seen: 'systemd on z2 says nothing of it' }
  const mine = traces.found.filter(({ path }) => path.endsWith(`/${name}`) || path.endsWith(`/${name}.d`))
  const shipped = mine.filter(isShipped)
  const rest = mine.filter((trace) => !isShipped(trace))
  const idle = unit.activeState === 'inactive'
  if (mine.length === 0 && unit.loadState === 'not-found' && idle)
    return { state: 'holds', want, seen: 'absent' }
  const masked = unit.loadState === 'masked' && rest.every(isMask)
  if (shipped.length > 0 && masked && idle)
    return { state: 'holds', want: 'masked', seen: 'masked, shipped by a package' }
  return { state: 'differs', want: shipped.length > 0 ? 'masked' : want, seen: describe(unit, mine) }
}

const isShipped = ({ path }: Trace): boolean =>
  vendorDirs.some((dir) => path.startsWith(dir) && !path.slice(dir.length).includes('/'))

const isMask = ({ type, target }: Trace): boolean => type === 'link' && target === '/dev/null'

function describe(unit: Unit, traces: Trace[]): string {
  const states = [unit.unitFileState || unit.loadState, unit.activeState]
  const run = unit.nextRealtimeMs === null ? [] : [`next run ${clock(unit.nextRealtimeMs)}`]
  const folders = [...new Set(traces.map(({ path }) => /^.*?\/systemd\/[^/]+/.exec(path)?.[0] ?? path))]
  const where = folders.length > 0 ? [`${part(traces)}in ${folders.join(' and ')}`] : []
  return [...states, ...run, ...where].join(', ')
}

/** Which part of it is left, where it is less than a unit file. */
function part(traces: Trace[]): string {
  const has = (end: RegExp): boolean => traces.some(({ path }) => end.test(path))
  if (has(/\/systemd\/[^/]+\/[^/]+\.(timer|service)$/)) return ''
  return has(/\.d$/) ? 'drop-ins ' : 'links '
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function clock(ms: number): string {
  const at = new Date(ms)
  return `${days[at.getUTCDay()]} ${at.toISOString().slice(11, 16)} UTC`
}
