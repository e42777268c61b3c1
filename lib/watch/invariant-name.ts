import { withoutControls } from '../mask.ts'

/** An id taken apart, safe to show: `ct109/bind-mount/root/data` is of the kind bind-mount and is named `/root/data`. */
export function partsOfId(id: string): { place: string; kind: string; name: string } {
  const [, place = '', kind = '', name = id] = /^([^/]+)\/([^/]+)\/(.*)$/s.exec(withoutControls(id)) ?? []
  // These two are named by a path, whose first slash is the one after the kind.
  const isPath = kind === 'bind-mount' || kind === 'data-folder'
  return { place, kind: kind.replaceAll('-', ' '), name: `${isPath ? '/' : ''}${name}` }
}

/** `ct109 timer bulma-poll-monzo.timer`: what a person calls an invariant, from its id. */
export function nameOfId(id: string): string {
  const { place, kind, name } = partsOfId(id)
  return [place, kind, name].filter(Boolean).join(' ')
}
