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

/** Enabled for good, active, as often as is asked for, and about to run: within the interval and its own random delay, or running now. */
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
  const isTooRare = (longestGap(unit.schedule) ?? 0) > everyMinutes
  if (set && (isTooRare || (next.inMs !== null && next.inMs > dueMs))) {
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

const dayMinutes = 24 * 60

/**
 * The longest time between two runs that a timer's calendar events leave on an ordinary day, in minutes. A timer that runs
 * once a day is due within a quarter of an hour once a day as well: the next run alone does not tell.
 * @param schedule as `Unit.schedule` has it: normalized calendar events (systemd.time(7)), parted by a comma and a space
 * @returns null where that cannot be said: with other than calendar events, or with days of their own
 */
export function longestGap(schedule: string): number | null {
  const runs = schedule.split(', ').map(minutesOfDay)
  if (!runs.every((one) => one !== null)) return null
  const sorted = runs.flat().sort((one, other) => one - other)
  const [first] = sorted
  if (first === undefined) return null
  const gaps = sorted.map((at, index) => (sorted[index + 1] ?? first + dayMinutes) - at)
  return Math.max(...gaps)
}

/** `OnCalendar=*-*-* *:00/15:00`; seconds do not count. */
function minutesOfDay(event: string): number[] | null {
  const [, hours, minutes] = /^OnCalendar=\*-\*-\* ([^: ]+):([^: ]+):[^: ]+$/.exec(event) ?? []
  const [of, at] = [values(hours, 24), values(minutes, 60)]
  return of && at && of.flatMap((hour) => at.map((minute) => hour * 60 + minute))
}

/** `*`, `5`, `0,30`, `9..17` and `00/15` below a limit. */
function values(text: string | undefined, limit: number): number[] | null {
  const all: number[] = []
  for (const part of (text ?? '').split(',')) {
    const match = /^(?:(\*)|(\d+)(?:\.\.(\d+))?)(?:\/(\d+))?$/.exec(part)
    if (!match) return null
    const [, any, from, to, step] = match
    const last = Math.min(Number(to ?? (any || step ? limit : from)), limit - 1)
    for (let at = Number(from ?? 0); at <= last; at += Number(step) || 1) all.push(at)
  }
  return all
}
