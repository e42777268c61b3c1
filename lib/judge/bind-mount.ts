import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import { mountsBelow } from '../mount.ts'
import { inContainer, onHost } from '../next-step.ts'
import { freeMountKey } from '../proxmox-config.ts'
import { inCommand } from '../quote.ts'
import { type Context, hanging, idOf, inside, sharesFolder } from './context.ts'

/**
 * The data folder of CT109 is Z2's: in the configuration, by device and inode on both sides, and nothing is mounted
 * over part of it. A person mends it, since it needs a restart of the container.
 */
export function judgeBindMount(_: InvariantOf<'bind-mount'>, context: Context): Verdict {
  const { config, seen } = context
  const { hostDataDir, containerDataDir } = config
  const want = `bind mount of ${hostDataDir}`
  const look = inside(context, want)
  const found = seen.host.config
  if ('verdict' in look && look.verdict.cause === idOf(context, 'container-identity')) return look.verdict
  if (found.state === 'here') {
    const entry = found.values.mounts.find(({ destination }) => destination === containerDataDir)
    if (entry?.source !== hostDataDir) {
      const key = entry?.key ?? freeMountKey(found.values)
      const has = entry
        ? `${entry.key} binds ${entry.source} there`
        : 'not in the configuration of the container'
      return { state: 'needs-person', want, seen: has, next: mend(context, key) }
    }
  }
  if ('verdict' in look) return look.verdict
  if (seen.host.folder.state !== 'folder') return hanging(want, idOf(context, 'data-folder'))
  if (!sharesFolder(context, look.answered)) {
    const has = look.answered.folder === null ? 'no such folder in ct109' : 'ct109 has another folder there'
    return { state: 'needs-person', want, seen: `configured, but ${has}`, next: mend(context) }
  }
  const over = [
    ...mountsBelow(look.answered.mounts, containerDataDir).map(({ at }) => `${at} in ct109`),
    ...mountsBelow(seen.host.mounts ?? [], hostDataDir).map(({ at }) => `${at} on z2`),
  ]
  if (over.length === 0) return { state: 'holds', want, seen: want }
  const next = inContainer(config, 'cat /proc/self/mountinfo')
  return { state: 'needs-person', want, seen: `something is mounted over ${over.join(' and ')}`, next }
}

// The pollers are stopped and idle before the container goes down: a poll that is cut off could lose a rotated token.
function mend({ config, declaration }: Context, key?: string): string {
  const timers = declaration.invariants.filter((one) => one.kind === 'timer')
  const services = timers.map(({ service }) => service).join(' ')
  const count = `systemctl show -p ActiveState ${services} | grep -cE "=(inactive|failed)"`
  const idle = `until [ "$(${count})" = ${timers.length} ]; do sleep 2; done`
  const { containerId: id, hostDataDir, containerDataDir } = config
  const steps = [
    `pct exec ${id} -- systemctl stop ${timers.map(({ name }) => name).join(' ')}`,
    `pct exec ${id} -- sh -c ${inCommand(idle)}`,
    ...(key ? [`pct set ${id} -${key} ${inCommand(`${hostDataDir},mp=${containerDataDir}`)}`] : []),
    `pct reboot ${id}`,
  ]
  return onHost(config, steps.join(' && '))
}
