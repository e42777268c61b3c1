import type { Config } from '../config.ts'
import type { Verdict } from '../finding.ts'
import type { Inside } from '../inside.ts'
import type { Declaration, Kind } from '../invariant.ts'
import type { Seen } from '../seen.ts'

/** What every judge gets beside its invariant. `stack`: for the commands that it names. */
export type Context = { config: Config; declaration: Declaration; seen: Seen; stack: string }

export type Answered = Extract<Inside, { state: 'answered' }>

/** The id of the first invariant of a kind; `name` tells two of one kind apart. */
export function idOf({ declaration }: Context, kind: Kind, name?: string): string {
  const found = declaration.invariants.find(
    (one) => one.kind === kind && (name === undefined || one.name === name),
  )
  return found?.id ?? ''
}

/** True when the configuration says that the container is the one that is meant. */
export function isOurs({ config, seen }: Context): boolean {
  const found = seen.host.config
  return found.state === 'here' && found.values.hostname === config.containerName
}

/**
 * The look inside CT109, or the verdict of everything that needs it and cannot have it: what hangs on a container that
 * is another one, stopped or silent is not judged by itself.
 */
export function inside(context: Context, want: string): { answered: Answered } | { verdict: Verdict } {
  const found = context.seen.host.inside
  if (!isOurs(context)) return { verdict: hanging(want, idOf(context, 'container-identity')) }
  if (found.state === 'answered') return { answered: found }
  return { verdict: hanging(want, idOf(context, 'container')) }
}

/** A verdict that is left open because of another finding. */
export const hanging = (want: string, cause: string, seen = 'could not be looked at'): Verdict => ({
  state: 'unknown',
  want,
  seen,
  cause,
})

/** True when CT109 sees the very folder that Z2 has, with nothing mounted over the top of it. */
export function sharesFolder({ seen }: Context, answered: Answered): boolean {
  const { folder } = seen.host
  return folder.state === 'folder' && answered.folder === `${folder.device} ${folder.inode}`
}
