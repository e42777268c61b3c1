import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'

/** What has to be on this machine, by the Debian package that brings it. */
const needed: Record<string, () => boolean> = {
  'python3-venv': () => starts('python3', ['-c', 'import ensurepip, venv']),
  time: () => existsSync('/usr/bin/time'),
  'openssh-client': () => starts('ssh', ['-V']),
  'ca-certificates': () => existsSync('/etc/ssl/certs/ca-certificates.crt'),
  debootstrap: () => starts('debootstrap', ['--version']),
  'systemd-container': () => starts('systemd-nspawn', ['--version']),
  iproute2: () => starts('ip', ['-V']),
}

const starts = (program: string, args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** What this machine is and can do, as far as the bench asks. */
export type Host = {
  isRootOnDebian: boolean
  missing(): string[]
  /** true when all of them are installed now */
  install(packages: string[]): boolean
}

const thisHost: Host = {
  isRootOnDebian: existsSync('/etc/debian_version') && process.getuid?.() === 0,
  missing: () => Object.entries(needed).flatMap(([name, isThere]) => (isThere() ? [] : [name])),
  install: (packages) => apt('update') && apt('install', '-y', '--no-install-recommends', ...packages),
}

const apt = (...words: string[]): boolean =>
  spawnSync('apt-get', ['-qq', ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  }).status === 0

/**
 * Makes sure of the Debian packages that the bench needs, and installs the missing ones: it is run on machines that are
 * thrown away, without anybody there to ask.
 * @throws Problem (64) where this is no Debian or not root, or a package cannot be had
 */
export function ensurePackages(tell: (line: string) => void, host: Host = thisHost): void {
  const lines = { what: 'the bench cannot run here', left: 'nothing was measured' }
  if (!host.isRootOnDebian) {
    const why = 'it boots the real lab, which needs Debian and root'
    throw new Problem({ ...lines, why, next: 'sudo npm run bench, on Debian' }, exitCode.usage)
  }
  const missing = host.missing()
  if (missing.length === 0) return
  const names = missing.join(' ')
  tell(`installing from Debian: ${names}`)
  if (host.install(missing)) return
  const next = `apt-get install --no-install-recommends ${names}`
  throw new Problem({ ...lines, why: `could not be installed: ${names}`, next }, exitCode.usage)
}
