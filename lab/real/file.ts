import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Side, World } from '../world.ts'
import { type Errands, subshell } from './errand.ts'
import type { RealPlace } from './place.ts'

// $1 is always the path. What is already so is no error. Each takes as few processes as it can: they run hundreds of times.
const above = `folder=\${1%/*}; [ -d "\${folder:-/}" ] || mkdir -p -- "$folder"`
const written = 'new=$1.new$$; umask 077; set -C; printf %s "$5" >"$new"; chmod "$2" "$new"'
const owned = '[ "$3" = 0 ] || chown "$3:$3" "$new"; [ -z "$4" ] || touch -d "$4" "$new"'
const placed = 'if [ -d "$1" ] && [ ! -L "$1" ]; then rm -rf -- "$1"; fi; mv -fT -- "$new" "$1"'
const programs = {
  write: [above, written, owned, placed].join('\n'),
  folder: 'if [ ! -d "$1" ]; then rm -f -- "$1"; mkdir -p -- "$1"; fi; chmod "$2" "$1"',
  link: `${above}; rm -rf -- "$1"; ln -s -- "$2" "$1"`,
  remove: 'rm -rf -- "$@"',
  chmod: '[ ! -e "$1" ] || chmod "$2" "$1"',
  own: '[ ! -e "$1" ] || chown -h "$2:$2" "$1"',
}
const reading = '[ -e "$1" ] || exit 44; cat -- "$1"'
const absent = 44

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

/** The files of a real lab's three machines, each changed by a process of that machine: its root, its links, its rights. */
export function realFiles(
  place: RealPlace,
  errands: Errands,
): Pick<World, 'read' | 'write' | 'folder' | 'link' | 'remove' | 'chmod' | 'own'> {
  const inHome = (path: string): string => join(place.roots.mac, path)
  /** the Mac is this machine: nothing has to be entered */
  const here = (program: string, words: string[]) =>
    spawnSync('sh', ['-s'], { input: subshell(program, words), encoding: 'utf8' })
  const must = (side: Side, name: keyof typeof programs, paths: string[], words: string[] = []): void => {
    const program = programs[name]
    const what = `${name} ${paths[0]} on ${side}`
    if (side !== 'mac') {
      errands.add({ on: side, program, words: [...paths, ...words], must: what })
      return
    }
    const { status, stderr } = here(program, [...paths.map(inHome), ...words])
    if (status !== 0) throw new Error(`${what}: ${stderr.trim()}`)
  }
  return {
    read: (side, path) => {
      const { status, stdout } =
        side === 'mac'
          ? here(reading, [inHome(path)])
          : errands.ask({ on: side, program: reading, words: [path] })
      return status === absent ? undefined : stdout
    },
    write: (side, path, text, { mode = 0o644, owner = 0, at } = {}) =>
      must(side, 'write', [path], [octal(mode), String(owner), at?.toISOString() ?? '', text]),
    folder: (side, path, mode = 0o755) => must(side, 'folder', [path], [octal(mode)]),
    link: (side, path, target) => must(side, 'link', [path], [target]),
    remove: (side, ...paths) => must(side, 'remove', paths),
    chmod: (side, path, mode) => must(side, 'chmod', [path], [octal(mode)]),
    own: (side, path, uid) => must(side, 'own', [path], [String(uid)]),
  }
}
