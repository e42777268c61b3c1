import { inWords } from '../age.ts'
import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import { inContainer } from '../next-step.ts'
import type { Unit } from '../systemd-unit.ts'
import { type Context, hanging, idOf, inside, sharesFolder } from './context.ts'

/** Clocks of two machines and the moment between two properties: seconds that a next run may seem late. */
const slackMs = 60_000

/** Unit file states that `systemctl enable` cannot turn into `enabled`: there is no [Install], or no file of its own. */
const notEnableable = new Set(['static', 'generated', 'transient', 'bad', 'indirect'])

/** Enabled for good, active, and about to run: within the interval and its own random delay, or running now. */
export function judgeTimer({ name, service, everyMinutes }: InvariantOf<'timer'>, context: Context): Verdict {
  const want = `enabled, active, next run within ${everyMinutes} min`
  const look = inside(context, want)
  if ('verdict' in look) return look.verdict
  const { config, seen } = context
  const unit = look.answered.units.get(name)
  if (!unit) return { state: 'unknown', want, seen: 'systemd inside ct109 says nothing of it' }
  const cat = inContainer(config, `systemctl cat ${name}`)
  if (unit.loadState === 'not-found')
    return { state: 'needs-person', want, seen: 'there is no such unit', next: cat }
  const started = look.answered.units.get(service)
  if (started && started.loadState !== 'loaded') {
    return {
      state: 'needs-person',
      want,
      seen: `what it starts, ${service}, is ${started.loadState}`,
      next: cat,
    }
  }
  const next = nextRun(unit, started, seen.host)
  const { disk } = look.answered
  // systemd remembers enablement from its last reload; a link that is gone is not enabled at the next boot.
  const remembered = unit.unitFileState === 'enabled' && !disk.linked.has(name)
  const enablement = remembered ? 'no longer enabled on disk' : unit.unitFileState || unit.loadState
  const text = [enablement, unit.activeState, next.says].filter(Boolean).join(', ')
  const cause = sharesFolder(context, look.answered) ? undefined : idOf(context, 'bind-mount')
  if (unit.loadState !== 'loaded' && unit.loadState !== 'masked') {
    return { state: 'needs-person', want, seen: `${unit.loadState}: systemd cannot load it`, next: cat }
  }
  if (notEnableable.has(unit.unitFileState)) return { state: 'needs-person', want, seen: text, next: cat }
  const set = unit.loadState === 'loaded' && enablement === 'enabled' && unit.activeState === 'active'
  const unread = (disk.dropIns.get(name) ?? []).some((path) => !unit.dropInPaths.join(' ').includes(path))
  if (unit.needsReload || unread)
    return {
      state: 'differs',
      want,
      seen: `${text}, changed on disk and not reloaded`,
      ...(cause && { cause }),
    }
  const dueMs = everyMinutes * 60_000 + unit.randomDelayMs + unit.accuracyMs + slackMs
  if (set && next.inMs !== null && next.inMs > dueMs) {
    return { state: 'needs-person', want, seen: `${text} (${unit.schedule || 'no schedule'})`, next: cat }
  }
  if (set && (next.running || next.inMs !== null)) return { state: 'holds', want, seen: text }
  return cause ? hanging(want, cause, text) : { state: 'differs', want, seen: text }
}

/** When the timer fires next, from whichever clock it goes by. A time that has passed counts as none. */
function nextRun(
  unit: Unit,
  service: Unit | undefined,
  { nowMs, monotonicMs }: { nowMs: number; monotonicMs: number | null },
): { inMs: number | null; running: boolean; says: string } {
  const running = ['active', 'activating', 'reloading', 'deactivating'].includes(service?.activeState ?? '')
  const left = [
    unit.nextRealtimeMs === null ? null : unit.nextRealtimeMs - nowMs,
    unit.nextMonotonicMs === null || monotonicMs === null ? null : unit.nextMonotonicMs - monotonicMs,
  ].filter((ms) => ms !== null && ms > -slackMs)
  const inMs = left.length > 0 ? Math.min(...(left as number[])) : null
  if (running) return { inMs, running, says: 'a poll is running' }
  if (unit.activeState !== 'active') return { inMs, running, says: '' }
  return { inMs, running, says: inMs === null ? 'no next run' : `next run in ${inWords(inMs)}` }
}
