import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../../../lab/sim/place.ts'

// What is wrong with a simulated Z2, read from the simulation's own files and not by any look: the word of a look is held
// against this.

const banks = ['monzo', 'truelayer'] as const
const data = 'mnt/data/hinata/data/bulma'
const rootOfContainer = '100000'

const text = (path: string): string =>
  existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : ''
const pairs = (path: string): Map<string, string> =>
  new Map(
    text(path)
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Ids of the invariants that are broken in this very moment, of those that the drifts of the sequences concern. */
export function broken(place: Place): Set<string> {
  const { z2, ct109 } = place.roots
  const found = new Set<string>()
  const add = (is: boolean, id: string): void => void (is && found.add(id))

  const current = text(join(z2, 'etc/pve/nodes/hinata-z2/lxc/109.conf')).split('\n[')[0] ?? ''
  add(
    text(join(z2, 'run/sim/ct/109')).trim() !== 'running' || !/^onboot: 1$/m.test(current),
    'ct109/container/109',
  )

  for (const half of ['morning', 'evening'])
    for (const type of ['timer', 'service'])
      add(
        hasTrace(z2, `hinata-poll-truelayer-${half}.${type}`),
        `z2/legacy-unit/hinata-poll-truelayer-${half}.${type}`,
      )

  // A container that does not run can be asked nothing, so nothing more is known of what only it can tell.
  if (text(join(z2, 'run/sim/ct/109')).trim() !== 'running') return found

  for (const bank of banks) {
    const timer = `bulma-poll-${bank}.timer`
    const units = join(ct109, 'etc/systemd/system')
    const state = pairs(join(ct109, 'run/sim/unit', timer))
    const isOff =
      !isThere(join(units, 'timers.target.wants', timer)) ||
      state.get('active') !== 'active' ||
      state.get('sub') === 'elapsed' ||
      !/^OnCalendar=\*:0\/15$|^OnUnitActiveSec=15min$/m.test(
        text(join(units, timer)) || text(join(ct109, 'lib/systemd/system', timer)),
      ) ||
      isThere(join(units, `${timer}.d`))
    add(isOff, `ct109/timer/${timer}`)
    const service = pairs(join(ct109, 'run/sim/unit', `bulma-poll-${bank}.service`))
    add(service.get('active') === 'failed', `ct109/last-poll/${bank}`)
  }
  const needs = { 'tokens_monzo.json': 6, 'tokens_truelayer.json': 6, 'monzo_credentials.json': 4 }
  for (const [name, bits] of Object.entries(needs)) {
    const path = join(z2, data, name)
    const kind = name.startsWith('tokens_') ? 'token-file' : 'credentials-file'
    const stat = lstatSync(path, { throwIfNoEntry: false })
    const isGood =
      stat?.isFile() &&
      isJson(text(path)) &&
      canUse(place, path, bits) &&
      !(kind === 'credentials-file' && stat.mode & 2)
    add(!isGood, `z2/${kind}/${name}`)
  }
  return found
}

const isJson = (one: string): boolean => {
  try {
    const value = JSON.parse(one)
    return 'client_secret' in value || value.refresh_token !== ''
  } catch {
    return false // cut short, or empty
  }
}

/** May the container's root read and write it, by owner and mode? */
function canUse(place: Place, path: string, bits: number): boolean {
  const { dev, ino, mode } = statSync(path)
  const owner = text(place.owners)
    .split('\n')
    .filter((line) => line.startsWith(`${dev}:${ino} `))
    .at(-1)
    ?.split(' ')[1]
  const its = owner === rootOfContainer ? mode >> 6 : mode
  return (its & bits) === bits
}

/** A unit by this name, in any form, anywhere systemd looks. */
function hasTrace(z2: string, unit: string): boolean {
  const folders = ['etc/systemd/system', 'run/systemd/system', 'lib/systemd/system', 'run/systemd/transient']
  const state = pairs(join(z2, 'run/sim/unit', unit))
  const isShipped = isThere(join(z2, 'lib/systemd/system', unit))
  const active = ['active', 'activating', 'failed'].includes(state.get('active') ?? '')
  if (isShipped && isMask(join(z2, 'etc/systemd/system', unit)) && !active) return false
  return (
    active ||
    folders.some(
      (folder) =>
        isThere(join(z2, folder, unit)) ||
        isThere(join(z2, folder, `${unit}.d`)) ||
        (existsSync(join(z2, folder)) &&
          readdirSync(join(z2, folder))
            .filter((name) => /\.(wants|requires)$/.test(name))
            .some((name) => isThere(join(z2, folder, name, unit)))),
    )
  )
}

const isMask = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
