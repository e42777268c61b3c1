import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Side, World } from '../world.ts'
import { type Ended, onCt109, onZ2 } from './inside.ts'
import type { RealPlace } from './place.ts'

// $1 is always the path. What is already so is no error.
const programs = {
  read: '[ -e "$1" ] || exit 44; cat -- "$1"',
  write: `mkdir -p -- "$(dirname -- "$1")"; new=$(mktemp -- "$1.XXXXXX"); cat >"$new"; chmod "$2" "$new"; chown "$3:$3" "$new"
    [ -z "$4" ] || touch -d "$4" "$new"; if [ -d "$1" ] && [ ! -L "$1" ]; then rm -rf -- "$1"; fi; mv -fT -- "$new" "$1"`,
  folder: 'if [ ! -d "$1" ]; then rm -f -- "$1"; mkdir -p -- "$1"; fi; chmod "$2" "$1"',
  link: 'mkdir -p -- "$(dirname -- "$1")"; rm -rf -- "$1"; ln -s -- "$2" "$1"',
  remove: 'rm -rf -- "$1"',
  chmod: '[ ! -e "$1" ] || chmod "$2" "$1"',
  own: '[ ! -e "$1" ] || chown -h "$2:$2" "$1"',
}
const absent = 44

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

/** The files of a real lab's three machines, each changed by a process of that machine: its root, its links, its rights. */
export function realFiles(
  place: RealPlace,
  leader: number,
): Pick<World, 'read' | 'write' | 'folder' | 'link' | 'remove' | 'chmod' | 'own'> {
  const run = (
    side: Side,
    name: keyof typeof programs,
    path: string,
    words: string[] = [],
    input = '',
  ): Ended => {
    const line = (at: string): string[] => ['sh', '-ec', programs[name], name, at, ...words]
    if (side === 'z2') return onZ2(leader, line(path), input)
    if (side === 'ct109') return onCt109(leader, line(path), input)
    const [program = '', ...rest] = line(join(place.roots.mac, path))
    return spawnSync(program, rest, { input, encoding: 'utf8' })
  }
  const must = (
    side: Side,
    name: keyof typeof programs,
    path: string,
    words: string[] = [],
    input = '',
  ): void => {
    const { status, stderr } = run(side, name, path, words, input)
    if (status !== 0) throw new Error(`${name} ${path} on ${side}: ${stderr.trim()}`)
  }
  return {
    read: (side, path) => {
      const { status, stdout } = run(side, 'read', path)
      return status === absent ? undefined : stdout
    },
    write: (side, path, text, { mode = 0o644, owner = 0, at } = {}) =>
      must(side, 'write', path, [octal(mode), String(owner), at?.toISOString() ?? ''], text),
    folder: (side, path, mode = 0o755) => must(side, 'folder', path, [octal(mode)]),
    link: (side, path, target) => must(side, 'link', path, [target]),
    remove: (side, path) => must(side, 'remove', path),
    chmod: (side, path, mode) => must(side, 'chmod', path, [octal(mode)]),
    own: (side, path, uid) => must(side, 'own', path, [String(uid)]),
  }
}
