import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import { onHost, sshAsTyped } from '../next-step.ts'
import { inCommand } from '../quote.ts'
import { mountUnitsAbove } from '../systemd-unit.ts'
import { type Context, hanging, idOf, inside, sharesFolder } from './context.ts'

/** A token file takes half a kilobyte, a log a few more: below this the next rotation may be the one that fails. */
const leastBytes = 1024 * 1024

/** The container's root can enter the folder and create files in it, and it lies on the disk that it should. */
export function judgeDataFolder(_: InvariantOf<'data-folder'>, context: Context): Verdict {
  const { config, seen } = context
  const want = 'ct109 can enter it and create files'
  const typed = sshAsTyped(config)
  const list = onHost(config, `ls -ld ${inCommand(`${config.hostRoot}${config.hostDataDir}`)}`)
  const missing = missingMount(context)
  if (missing)
    return {
      state: 'needs-person',
      want,
      seen: `${missing.at} is not mounted`,
      next: onHost(config, missing.mend),
    }
  const { folder, mounts } = seen.host
  if (mounts === null) return { state: 'unknown', want, seen: 'the mounts of z2 cannot be read' }
  if (folder.state === 'unreadable')
    return { state: 'unknown', want, seen: `cannot be looked at: ${folder.why}` }
  if (folder.state === 'absent') return { state: 'needs-person', want, seen: 'absent', next: list }
  if (folder.state !== 'folder')
    return { state: 'needs-person', want, seen: `a ${folder.state}, not a folder`, next: list }
  const look = inside(context, want)
  if ('verdict' in look) return look.verdict
  if (!sharesFolder(context, look.answered)) return hanging(want, idOf(context, 'bind-mount'))
  const on = mounts
    .filter(({ at }) => `${config.hostDataDir}/`.startsWith(at === '/' ? '/' : `${at}/`))
    .at(-1)
  if (on?.readOnly) {
    const next = `${typed} mount -o remount,rw ${inCommand(on.at)}`
    return { state: 'needs-person', want, seen: `${on.at} is mounted read-only`, next }
  }
  const there = look.answered.mounts.find(({ at }) => at === config.containerDataDir)
  if (there?.readOnly) {
    const next = `${typed} pct config ${config.containerId}`
    return { state: 'needs-person', want, seen: 'mounted read-only in ct109', next }
  }
  const { room } = seen.host
  if (room.bytes === undefined) return { state: 'unknown', want, seen: 'the room on its disk cannot be read' }
  if (room.bytes < leastBytes || room.files === 0) {
    const left = room.files === 0 ? 'no file can be added' : `${Math.floor(room.bytes / 1024)} KB left`
    const next = `${typed} df ${inCommand(`${config.hostRoot}${config.hostDataDir}`)}`
    return { state: 'needs-person', want, seen: `its disk is full: ${left}`, next }
  }
  const may = look.answered.access.get('.')
  const mode = (folder.mode ?? 0).toString(8).padStart(4, '0')
  const text = `${mode}, owner ${folder.uid}`
  if (!may?.enter || !may.write) return { state: 'differs', want, seen: `${text}: ct109 cannot write in it` }
  if (config.tokenAccess === 'world') return { state: 'holds', want, seen: text }
  const owned = folder.uid === look.answered.mappedRoot && ((folder.mode ?? 0) & 0o002) === 0
  const wantOwned = `owner ${look.answered.mappedRoot}, not writable for others`
  return { state: owned ? 'holds' : 'differs', want: wantOwned, seen: text }
}

// A host mount that is missing is the cause to name: the folder below it is empty then, and not "tokens absent".
function missingMount({ config, seen }: Context): { at: string; mend: string } | undefined {
  const { units, mounts } = seen.host
  const { hostMount } = config
  if (hostMount !== undefined && mounts && !mounts.some(({ at }) => at === hostMount)) {
    return { at: hostMount, mend: `mount ${inCommand(hostMount)}` }
  }
  if (!(units instanceof Map)) return undefined
  const down = mountUnitsAbove(config.hostDataDir)
    .map((name) => units.get(name))
    .find((unit) => unit?.loadState === 'loaded' && unit.activeState !== 'active')
  const parts = config.hostDataDir.split('/').filter(Boolean)
  const depth = mountUnitsAbove(config.hostDataDir).indexOf(down?.id ?? '') + 1
  return down && { at: `/${parts.slice(0, depth).join('/')}`, mend: `systemctl start ${inCommand(down.id)}` }
}
