import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { exitCode } from '../../lib/exit-code.ts'
import { Problem } from '../../lib/problem.ts'
import type { Place } from './place.ts'

const source = join(import.meta.dirname, 'stand-in')
const systemFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin', '/opt/homebrew/bin']

/**
 * The only programs of this machine that a simulated host has. Whatever could change the machine itself (mount, reboot, a real
 * systemctl or pct) is not among them, so a command that names it ends with 127 instead.
 */
const harmless =
  '[ awk base64 basename bash cat chmod cksum cmp comm cp cut date dd df diff dirname du echo env expr false file find fold grep gzip ' +
  'head id install jq join ln locale ls md5sum mkdir mkfifo mktemp mv nice nl nohup od openssl paste perl printenv printf ps pwd ' +
  'readlink realpath rev rm rmdir sed seq sh sha1sum sha256sum sha512sum shasum shred sleep sort split stat sync tail tar tee test ' +
  'time timeout touch tr true truncate tty uname uniq uuidgen wc which whoami xargs xxd yes flock'

export function findProgram(name: string): string | undefined {
  return systemFolders
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        // not here: the next folder may have it
        return false
      }
    })
}

const hasFormat = (stat: string): boolean => spawnSync(stat, ['-c', '%d', '/']).status === 0

/** Puts the stand-ins and the harmless programs in place. Throws a Problem where this machine has no Perl. */
export function installPrograms(place: Place): void {
  const perl = findProgram('perl')
  if (perl === undefined) {
    throw new Problem(
      {
        what: 'the simulated Z2 needs Perl',
        why: `no perl in ${systemFolders.join(', ')}`,
        next: 'install Perl 5 (Debian: apt-get install perl)',
        left: 'no lab was started',
      },
      exitCode.failed,
    )
  }
  const put = (from: string, to: string): void => {
    const text = readFileSync(from, 'utf8')
      .replace(/^#!\/usr\/bin\/perl$/m, `#!${perl}`)
      .replaceAll('@PERL@', perl)
    writeFileSync(to, text)
    chmodSync(to, 0o755)
  }
  const folder = (...names: string[]): string => {
    const path = join(...names)
    mkdirSync(path, { recursive: true })
    return path
  }
  const [z2, ct109, lib, system] = ['z2', 'ct109', 'lib', 'system'].map((name) =>
    folder(place.bin, name),
  ) as [string, string, string, string]
  for (const name of readdirSync(join(source, 'lib'))) put(join(source, 'lib', name), join(lib, name))
  for (const [from, targets] of [
    ['z2', [z2]],
    ['ct109', [ct109]],
    ['both', [z2, ct109]],
  ] as const) {
    for (const name of readdirSync(join(source, from))) {
      for (const target of targets) put(join(source, from, name), join(target, name))
    }
  }
  // the copy that comes back after `pct-missing`
  copyFileSync(join(z2, 'pct'), join(lib, 'pct'))
  for (const name of ['tick', 'elapse']) put(join(source, name), join(lib, name))
  put(join(source, 'poll'), join(folder(place.roots.ct109, 'opt', 'bulma'), 'poll'))

  for (const name of harmless.split(' ')) {
    const real = name === 'perl' ? undefined : findProgram(name)
    if (real !== undefined) symlinkSync(real, join(system, name))
  }
  for (const name of readdirSync(join(source, 'missing'))) {
    const real = findProgram(name)
    if (real !== undefined && (name !== 'stat' || hasFormat(real))) continue
    for (const target of [z2, ct109]) put(join(source, 'missing', name), join(target, name))
  }
}
