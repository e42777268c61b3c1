import { quote } from '../../lib/quote.ts'
import { type Ended, onZ2 } from './inside.ts'

/** The machines of a real lab that have processes of their own. */
export type Machine = 'z2' | 'ct109'

/** One thing to do on a machine of the lab: a program for sh with its words as `$1`, `$2`, … */
export type Errand = {
  on: Machine
  program: string
  words?: string[]
  /** what is said when it fails; without this it may fail */
  must?: string
}

/** an errand that must not fail has failed; no program here ends with this by itself */
const failed = 65
const rootfs = '/var/lib/lxc/109/rootfs'

// `inside PROGRAM …` as root of container 109, past `pct`; in its bare file system when it is stopped, where systemctl changes
// links only: there is no systemd to talk to.
const prelude = `
running() { [ "$(lxc-info -n 109 -s -H </dev/null)" = RUNNING ]; }
attached() { lxc-attach -n 109 --clear-env -v "PATH=$PATH" -- "$@"; }
bare() { lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- chroot ${rootfs} env SYSTEMD_OFFLINE=1 "$@"; }
inside() { if running; then attached "$@"; else bare "$@"; fi; }
`

/** A program with its words as a part of what an sh reads: what is secret among them is in nobody's arguments. */
export const subshell = (program: string, words: string[]): string =>
  `( set -e; set -- ${words.map(quote).join(' ')}\n${program}\n)`

/** An errand that nobody reads the answer of. Its end is looked at in a line of its own: on the left of an or, sh forgets -e. */
function step({ program, words = [], must }: Errand): string {
  const quiet = must === undefined ? ' 2>&1' : ''
  const judged = must === undefined ? '' : `[ $? = 0 ] || { echo ${quote(must)} >&2; exit ${failed}; }\n`
  return `${subshell(program, words)} </dev/null >/dev/null${quiet}\n${judged}`
}

/** Neighbours on the same machine. */
const stretches = (errands: Errand[]): Errand[][] =>
  errands.reduce<Errand[][]>((found, errand) => {
    const last = found.at(-1)
    if (last?.[0]?.on === errand.on) last.push(errand)
    else found.push([errand])
    return found
  }, [])

/** One stretch, as a part of what Z2's sh reads. */
function part(errands: Errand[]): string {
  const text = errands.map(step).join('')
  if (errands[0]?.on === 'z2') return text
  const isNeeded = errands.some(({ must }) => must !== undefined)
  const judged = isNeeded ? `[ $? = 0 ] || exit ${failed}\n` : ''
  return `printf %s ${quote(`${text}exit 0\n`)} | inside sh -s\n${judged}`
}

/** The last one, whose answer is read. */
const question = ({ on, program, words = [] }: Errand): string =>
  `${on === 'ct109' ? 'inside ' : ''}sh -ec ${quote(program)} ${['sh', ...words].map(quote).join(' ')} </dev/null\n`

/**
 * What is to be done inside a real lab, gathered: one process enters it for all that nobody waits for the answer of. Entering
 * costs more than most errands do. `leader`: pid of Z2's systemd.
 */
export class Errands {
  private readonly leader: number
  private waiting: Errand[] = []

  constructor(leader: number) {
    this.leader = leader
  }

  /** Notes an errand, to be done in its turn. */
  add(errand: Errand): void {
    this.waiting.push(errand)
  }

  /** Does what was noted. Throws when one that must not fail does; those after it are forgotten. */
  run(): void {
    if (this.waiting.length > 0) this.end('exit 0\n')
  }

  /** Does what was noted, and then this one, and tells how it ended. */
  ask(errand: Errand): Ended {
    return this.end(question(errand))
  }

  private end(last: string): Ended {
    const parts = stretches(this.waiting.splice(0)).map(part)
    const ended = onZ2(this.leader, ['sh', '-s'], [prelude, ...parts, last].join(''))
    if (ended.status === failed) throw new Error(`in the real lab: ${ended.stderr.trim()}`)
    return ended
  }
}
