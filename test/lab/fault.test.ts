import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faults, findFaults, nearNames } from '../../lab/fault/catalogue.ts'
import { buildLab } from '../../lab/sim/build.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendAll, mendFaults, plantedFaults, plantFaults } from '../../lab/sim/plant.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('fault')
const place = placeAt(folder, 'lab')

const names = {
  z2: ['hinata-poll-truelayer-morning', 'hinata-poll-truelayer-evening'].flatMap((name) => [
    `${name}.timer`,
    `${name}.service`,
  ]),
  ct109: ['bulma-poll-monzo', 'bulma-poll-truelayer'].flatMap((name) => [`${name}.timer`, `${name}.service`]),
}
const properties =
  'Id,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,DropInPaths,Result,NeedDaemonReload,RandomizedDelayUSec,TimersCalendar,NextElapseUSecRealtime,NextElapseUSecMonotonic'

const hoursFromNow = (seconds: number): number => Math.round(seconds / 3600 - Date.now() / 3_600_000)

/** Moments change with every mend and ids with every start. */
const timeless = (text: string): string =>
  text
    .replace(/((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'MOMENT')
    .replace(/\d{10}/g, (seconds) => `${hoursFromNow(Number(seconds))} h`)
    .replace(/((?:next_elapse|Monotonic)=)(?!0$|infinity).*/gm, '$1SPAN')

function tree(root: string, owners: Map<string, string>, path = ''): string[] {
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => {
      const inner = join(path, name)
      if (/^run\/sim\/(unit|boot|.*\.hidden\.)/.test(inner)) return []
      const found = lstatSync(join(root, inner))
      // The map goes by inode, and inodes are used again. Whose a link is means nothing, so nobody writes that down anew.
      const owner = found.isSymbolicLink() ? undefined : owners.get(`${found.dev}:${found.ino}`)
      const line = `${inner} ${(found.mode & 0o7777).toString(8)} ${owner ?? '0'}`
      if (found.isSymbolicLink()) return [`${line} -> ${readlinkSync(join(root, inner))}`]
      // systemd leaves an empty one behind or not, as it happens
      if (name.endsWith('.wants') && readdirSync(join(root, inner)).length === 0) return []
      if (found.isDirectory()) return [line, ...tree(root, owners, inner)]
      const age = name.endsWith('.log') ? ` written ${hoursFromNow(found.mtimeMs / 1000)} h` : ''
      return [`${line}${age} ${timeless(readFileSync(join(root, inner), 'utf8'))}`]
    })
}

/** Everything that anybody can see of a lab. */
function seen(): string[] {
  const owners = new Map(
    readFileSync(place.owners, 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .map(([key = '', uid = '']) => [key, uid] as const),
  )
  const asked = (['z2', 'ct109'] as const).flatMap((side) => {
    const { stdout } = spawnSync(
      join(place.bin, side, 'systemctl'),
      ['show', ...names[side], 'mnt-data.mount', '-p', properties],
      { encoding: 'utf8' },
    )
    return timeless(stdout)
      .split('\n')
      .map((line) => `${side} ${line}`)
  })
  return [
    ...Object.entries(place.roots).flatMap(([side, root]) =>
      tree(root, owners).map((line) => `${side}/${line}`),
    ),
    ...asked,
    ...readdirSync(place.switches),
    ...readdirSync(join(place.bin, 'z2')),
  ]
}

let healthy: string[] = []
/** What there is and should not be, and what is missing. */
function difference(): string[] {
  const now = seen()
  return [
    ...now.filter((line) => !healthy.includes(line)).map((line) => `+ ${line}`),
    ...healthy.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
  ]
}

beforeAll(() => {
  buildLab(place)
  healthy = seen()
})
afterEach(() => mendAll(place))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a fault changes what can be seen, and its mend brings the healthy state back', () => {
  test.each(faults)('$name: $says', async (fault) => {
    await plantFaults(place, [fault])
    expect(plantedFaults(place)).toEqual([fault.name])
    expect(difference()).not.toEqual([])
    await mendFaults(place, [fault])
    expect(plantedFaults(place)).toEqual([])
    expect(difference()).toEqual([])
  })
})

test('all faults can lie on top of each other, be planted again, and be mended together', async () => {
  await plantFaults(place, faults)
  await plantFaults(place, faults)
  expect(plantedFaults(place)).toHaveLength(faults.length)
  await mendAll(place)
  expect(difference()).toEqual([])
})

test('mending what was never planted changes nothing', async () => {
  await mendFaults(place, faults)
  expect(difference()).toEqual([])
})

test('every kind of invariant has a fault', () => {
  const kinds = new Set(faults.map(({ kind }) => kind))
  const wanted = [
    'container-identity',
    'container',
    'address',
    'bind-mount',
    'data-folder',
    'token-file',
    'token-age',
    'credentials-file',
    'timer',
    'last-poll',
    'legacy-unit',
    'transit-copy',
  ]
  expect(wanted.filter((kind) => !kinds.has(kind))).toEqual([])
})

test('names are unique, and what each says is one line without a full stop', () => {
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length)
  expect(faults.filter(({ says }) => /\.$|\n|!/.test(says)).map(({ name }) => name)).toEqual([])
})

test('unknown names are told apart, and near ones are found', () => {
  expect(findFaults(['timer-absent-monzo', 'nonsense']).unknown).toEqual(['nonsense'])
  expect(nearNames('timer-stoped-monzo')[0]).toBe('timer-stopped-monzo')
  expect(nearNames('legacy').every((name) => name.startsWith('legacy-'))).toBe(true)
  expect(nearNames('xyzzy')).toEqual([])
})

test('a planted legacy unit that comes back survives its removal and a reload', async () => {
  await plantFaults(place, findFaults(['legacy-morning', 'repair-fails-legacy-morning']).found)
  const unit = join(place.roots.z2, 'etc/systemd/system/hinata-poll-truelayer-morning.timer')
  rmSync(unit)
  spawnSync(join(place.bin, 'z2', 'systemctl'), ['daemon-reload'])
  expect(existsSync(unit)).toBe(true)
  await mendAll(place)
  expect(difference()).toEqual([])
})
