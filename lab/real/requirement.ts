import { exitCode } from '../../lib/exit-code.ts'
import { Problem } from '../../lib/problem.ts'
import { findProgram } from '../sim/program.ts'

/** What the real lab runs on this machine, and the Debian package of each; the rest runs inside it. */
const programs: Record<string, string> = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  ssh: 'openssh-client',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  tar: 'tar',
}

type Machine = { platform: string; uid: number | undefined; has(program: string): boolean }
const thisMachine = (): Machine => ({
  platform: process.platform,
  uid: process.getuid?.(),
  has: (program) => findProgram(program) !== undefined,
})

/** Throws a Problem that says what a machine lacks for a real lab, and how to get it. */
export function requireMachine({ platform, uid, has }: Machine = thisMachine()): void {
  const left = 'no lab was started; npm run lab -- up starts the simulation, which needs none of this'
  const what = 'the real lab cannot run here'
  if (platform !== 'linux') {
    const why = `it boots a Debian under systemd-nspawn, and this is ${platform}`
    throw new Problem({ what, why, next: 'npm run lab -- up', left }, exitCode.usage)
  }
  const packages = new Set(
    Object.entries(programs).flatMap(([program, name]) => (has(program) ? [] : [name])),
  )
  if (uid !== 0) {
    const why = 'it makes namespaces and mounts file systems, which only root may'
    throw new Problem({ what, why, next: 'sudo npm run lab -- up --real', left }, exitCode.usage)
  }
  if (packages.size === 0) return
  const names = [...packages].join(' ')
  throw new Problem(
    {
      what,
      why: `not installed: ${names}`,
      next: `apt-get install --no-install-recommends ${names}`,
      left,
    },
    exitCode.usage,
  )
}
