import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import { logIn, onHost, push } from '../next-step.ts'
import { inCommand } from '../quote.ts'
import type { File } from '../seen.ts'
import { type Context, hanging, idOf, inside, sharesFolder } from './context.ts'
import { judgeDataFolder } from './data-folder.ts'
import { unfinished } from './unfinished.ts'

const jsonSays = {
  'not-object': 'JSON, but not an object',
  'not-json': 'not JSON',
  empty: 'empty',
  'too-big': 'over 1 MB, so it was not read',
}

/**
 * What is wrong with a file of the data folder before anybody asks who may read it: presence, kind, content.
 * @returns undefined when it is a regular file with one link, a JSON object and every key filled
 */
export function fileFault(
  file: File | undefined,
  context: Context,
  name: string,
): Omit<Verdict, 'want'> | undefined {
  const { config, seen } = context
  const folder = idOf(context, 'data-folder')
  const list = onHost(config, `ls -ld ${inCommand(`${config.hostRoot}${config.hostDataDir}/${name}`)}`)
  if (file === undefined) return { state: 'unknown', seen: 'the look says nothing of it' }
  if (file.state === 'unreadable') return { state: 'unknown', seen: `cannot be read: ${file.why}` }
  if (file.state === 'absent') {
    return seen.host.folder.state === 'folder'
      ? { state: 'needs-person', seen: 'absent' }
      : { state: 'unknown', seen: 'could not be looked at', cause: folder }
  }
  if (file.state !== 'file') {
    return {
      state: 'needs-person',
      seen: `a ${file.state === 'other' ? 'special file' : file.state}, not a file`,
      next: list,
    }
  }
  if (file.links !== 1) return { state: 'needs-person', seen: `has ${file.links} hard links`, next: list }
  if (file.json !== 'object')
    return { state: 'needs-person', seen: file.json ? jsonSays[file.json] : 'was not read' }
  if (file.missing?.length) return { state: 'needs-person', seen: `no ${file.missing.join(', no ')} in it` }
  return undefined
}

/** `0600, owner 0`. */
export const access = ({ mode = 0, uid }: File): string =>
  `${mode.toString(8).padStart(4, '0')}, owner ${uid}`

/** A token file is a live chain: what it is, what it holds, and whether the container's own root may use it. */
export function judgeTokenFile({ name, bank }: InvariantOf<'token-file'>, context: Context): Verdict {
  const { seen, stack } = context
  const want = wanted(context, 'a JSON object with a refresh token, readable and writable for ct109')
  const file = seen.host.files.get(name)
  const fault = fileFault(file, context, name)
  const waits = seen.mac[bank].token.state === 'file'
  if (fault?.state === 'needs-person') {
    // A login waits that mends it, and the last poll says so.
    if (unfinished(context, bank)?.kind === 'waits')
      return { ...fault, want, cause: idOf(context, 'last-poll', bank) }
    return { next: waits ? push(bank, stack) : logIn(bank, stack), ...fault, want }
  }
  if (fault || !file) return { state: 'unknown', seen: 'the look says nothing of it', ...fault, want }
  return judgeAccess(file, context, want, { read: true, write: true })
}

/** Whether the container's root may do what it needs with a file of the data folder, under both policies. */
export function judgeAccess(
  file: File,
  context: Context,
  want: string,
  needs: { read: boolean; write: boolean },
): Verdict {
  const look = inside(context, want)
  if ('verdict' in look) return look.verdict
  if (!sharesFolder(context, look.answered)) return hanging(want, idOf(context, 'bind-mount'))
  // A folder that cannot be entered explains every file in it.
  if (!look.answered.access.get('.')?.enter) return hanging(want, idOf(context, 'data-folder'))
  const may = look.answered.access.get(file.name)
  if (!may) return { state: 'unknown', want, seen: 'the look inside ct109 says nothing of it' }
  const denied = [needs.read && !may.read && 'read', needs.write && !may.write && 'write']
    .filter(Boolean)
    .join(' or ')
  // A disk that is read-only explains every file on it.
  if (denied && folderNeedsPerson(context)) return hanging(want, idOf(context, 'data-folder'))
  if (denied) return { state: 'differs', want, seen: `${access(file)}: ct109 cannot ${denied} it` }
  if (context.config.tokenAccess === 'world') return { state: 'holds', want, seen: access(file) }
  const owned = file.uid === look.answered.mappedRoot && ((file.mode ?? 0) & 0o077) === 0
  return { state: owned ? 'holds' : 'differs', want, seen: access(file) }
}

function folderNeedsPerson(context: Context): boolean {
  const folder = context.declaration.invariants.find((one) => one.kind === 'data-folder')
  return folder?.kind === 'data-folder' && judgeDataFolder(folder, context).state === 'needs-person'
}

/** The policy in words: `mapped-owner` asks for an owner and a mode on top. */
export function wanted({ config, seen }: Context, world: string): string {
  const { inside: look } = seen.host
  if (config.tokenAccess === 'world') return world
  return `${world}, owner ${look.state === 'answered' ? look.mappedRoot : 'the root of ct109'}, closed to others`
}
