import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import { sshAsTyped, upCommand } from '../next-step.ts'
import { type Context, hanging, idOf, inside, isOurs } from './context.ts'

/** 109 exists on this node and is the container that is meant. Gates everything else in it. */
export function judgeContainerIdentity(
  _: InvariantOf<'container-identity'>,
  { config, seen }: Context,
): Verdict {
  const { containerId: id, containerName } = config
  const want = `${id} is ${containerName}`
  const found = seen.host.config
  const next = `${sshAsTyped(config)} pct list`
  if (found.state === 'unreadable') {
    return { state: 'unknown', want, seen: `its configuration cannot be read: ${found.why}`, next }
  }
  if (found.state === 'absent')
    return { state: 'needs-person', want, seen: `no container ${id} on this node`, next }
  if (found.state === 'other-node') {
    return { state: 'needs-person', want, seen: `${id} is on node ${found.node}, not on this one`, next }
  }
  const { hostname } = found.values
  if (hostname === containerName) return { state: 'holds', want, seen: want }
  return {
    state: 'needs-person',
    want,
    seen: hostname ? `${id} is named ${hostname}` : `${id} has no name`,
    next,
  }
}

/** It runs and starts on boot. A lock is somebody's work in progress, so `up` leaves a locked container alone. */
export function judgeContainer(_: InvariantOf<'container'>, context: Context): Verdict {
  const { config, seen, stack } = context
  const want = 'running, starts on boot'
  const found = seen.host.config
  if (!isOurs(context) || found.state !== 'here') return hanging(want, idOf(context, 'container-identity'))
  const { inside: look } = seen.host
  if (look.state === 'not-asked' || look.state === 'unknown') {
    const why = look.state === 'unknown' ? look.why : 'nothing was asked of it'
    return {
      state: 'unknown',
      want,
      seen: why,
      next: `${sshAsTyped(config)} pct status ${config.containerId}`,
    }
  }
  const runs = look.state === 'answered' ? 'running' : look.says
  const boots = found.values.onboot ? 'starts on boot' : 'does not start on boot'
  const { lock } = found.values
  const seenText = [runs, boots, ...(lock ? [`locked (${lock})`] : [])].join(', ')
  if (runs === 'running' && found.values.onboot) return { state: 'holds', want, seen: seenText }
  if (!lock) return { state: 'differs', want, seen: seenText }
  // pct's own locks are words, as backup; whatever else stands there is no part of what a person is told to do.
  const work = /^[a-z-]+$/.test(lock) ? lock : 'lock'
  const next = `wait until the ${work} is over, then ${upCommand(stack)}`
  return { state: 'needs-person', want, seen: seenText, next }
}

/** It has the documented address; the interface decides, the configuration only where no tool inside can tell. */
export function judgeAddress({ address }: InvariantOf<'address'>, context: Context): Verdict {
  const want = address
  const look = inside(context, want)
  if ('verdict' in look) return look.verdict
  const found = context.seen.host.config
  const configured = found.state === 'here' ? found.values.addresses : []
  const all = look.answered.addresses.length > 0 ? look.answered.addresses : configured
  if (all.length === 0)
    return { state: 'unknown', want, seen: 'neither hostname -I nor ip answers inside it' }
  if (all.includes(address)) return { state: 'holds', want, seen: address }
  const { containerId } = context.config
  const next = `${sshAsTyped(context.config)} pct config ${containerId}`
  return { state: 'needs-person', want, seen: all.join(', '), next }
}
