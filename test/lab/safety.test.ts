import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults } from '../../lab/fault/catalogue.ts'
import { startLab, stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { mendFaults, plantFaults } from '../../lab/sim/plant.ts'
import { ssh } from './ssh.ts'
import { temporaryFolder } from './temporary-folder.ts'

// Whatever is broken, mended or repaired in a simulated Z2: the machine that it runs on stays as it is, also for its root.

const folder = temporaryFolder('safety')
const place = placeAt(folder)
beforeAll(() => startLab(place))
afterAll(async () => {
  await stopLab(place)
  rmSync(folder, { recursive: true, force: true })
})

/** What a repair of the real Z2 would write to. */
const watched = [
  '/etc/systemd',
  '/etc/pve',
  '/etc/fstab',
  '/run/systemd/system',
  '/run/lock',
  '/run/bulma-infra',
  '/var/backups',
  '/var/lib/bulma-infra',
  '/usr/lib/systemd/system',
  '/usr/local/lib/systemd',
  '/mnt',
  '/opt',
  '/root/data',
  '/proc/self/mounts',
  join(homedir(), 'Sandpit'),
]

/** Path, mode, owner, size and times of everything below; the content of small files. */
function listing(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return [`${path} absent`]
  const line = `${path} ${found.mode} ${found.uid}:${found.gid} ${found.isDirectory() ? '' : found.size} ${path.startsWith('/proc') ? '' : found.mtimeMs}`
  if (found.isSymbolicLink()) return [`${line} -> ${readlinkSync(path)}`]
  // the locks of the real labs of this machine come and go
  if (path === '/run/lock/bulma-infra-lab') return []
  if (found.isDirectory())
    return [
      line,
      ...readdirSync(path)
        .sort()
        .flatMap((name) => listing(join(path, name))),
    ]
  if (!found.isFile() || found.size > 100_000) return [line]
  return [`${line} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`]
}
const machine = (): string[] => watched.flatMap(listing)

/** The commands of the runbooks and of every kind of repair. */
const repairs = `
  systemctl disable --now hinata-poll-truelayer-morning.timer hinata-poll-truelayer-evening.timer
  systemctl stop hinata-poll-truelayer-morning.service
  mkdir -p .lab/z2/var/backups/bulma-infra
  cp -a .lab/z2/etc/systemd/system/hinata-poll-truelayer-morning.timer .lab/z2/var/backups/bulma-infra/
  rm -f .lab/z2/etc/systemd/system/hinata-poll-truelayer-morning.timer
  systemctl mask hinata-poll-truelayer-evening.timer nosuch.timer
  systemctl daemon-reload; systemctl reset-failed; systemctl unmask nosuch.timer
  systemctl stop mnt-data.mount; systemctl start mnt-data.mount
  pct stop 109; pct start 109; pct reboot 109; pct set 109 -onboot 1
  pct set 109 -mp1 /etc,mp=/root/data/bulma; pct reboot 109; pct set 109 -delete mp1; pct reboot 109
  pct exec 109 -- systemctl enable --now bulma-poll-monzo.timer bulma-poll-truelayer.timer
  pct exec 109 -- systemctl restart bulma-poll-truelayer.service
  pct exec 109 -- sh -c 'systemctl disable --now bulma-poll-monzo.timer; systemctl mask ssh.service; systemctl stop ssh cron dbus systemd-journald'
  systemctl stop ssh cron; systemctl disable ssh.service cron.service; systemctl mask --runtime ssh.service
  chmod o+rw .lab/z2/mnt/data/hinata/data/bulma/tokens_truelayer.json
  chown 100000:100000 .lab/z2/mnt/data/hinata/data/bulma/tokens_monzo.json /etc/hostname
  perl -e 'chown 100000, 100000, ".lab/z2/mnt/data/hinata/data/bulma", "/etc/hostname"; chmod 0757, ".lab/z2/mnt/data/hinata/data/bulma"'
  flock -o -E 75 -w 5 .lab/z2/run/lock/bulma-legacy timeout -k 5 60 sh -c 'systemctl daemon-reload'
`

test('planting, repairing and mending every fault leaves the machine as it was', async () => {
  const before = machine()
  const owner = lstatSync('/etc/hostname').uid
  const planted = faults.filter(({ name, kind }) => kind !== 'look' && name !== 'slow')
  await plantFaults(place, planted)
  await ssh(place, 'exec sh -s', repairs)
  await mendFaults(place, planted)
  const { stderr } = await ssh(place, 'exec sh -s', repairs)
  expect(stderr).toContain("chown: cannot access '/etc/hostname'")
  expect(machine()).toEqual(before)
  expect(lstatSync('/etc/hostname').uid).toBe(owner)
})

test('the repairs above did something in the lab', () => {
  expect(existsSync(join(place.roots.z2, 'etc/systemd/system/hinata-poll-truelayer-evening.timer'))).toBe(
    true,
  )
  expect(readFileSync(place.owners, 'utf8')).toContain(' 100000 100000\n')
})

test('a bind mount of a folder of this machine mounts the folder of that name in the lab', async () => {
  mkdirSync(join(place.roots.z2, 'srv'))
  await ssh(
    place,
    'pct set 109 -mp0 /srv,mp=/root/data/bulma; pct reboot 109; touch .lab/ct109/root/data/bulma/mark',
  )
  expect(existsSync(join(place.roots.z2, 'srv/mark'))).toBe(true)
  expect(existsSync('/srv/mark')).toBe(false)
})

test.each([
  'reboot',
  'poweroff',
  'mount',
  'umount',
  'journalctl',
  'qm',
  'pvesh',
  'lxc-attach',
  'ip',
  'kill',
  'apt-get',
])('there is no %s on the simulated Z2, nor in its container', async (name) => {
  const { stdout } = await ssh(
    place,
    `env sh -c 'exec ${name} --help' 2>&1; echo $?; pct exec 109 -- env ${name} --help 2>&1; echo $?`,
  )
  expect(stdout.match(/^127$/gm)).toHaveLength(2)
})

test('every program that is named on PATH is of this lab', async () => {
  const { stdout } = await ssh(place, 'echo $PATH; which systemctl pct perl chown chmod hostname')
  const [path = '', ...programs] = stdout.trim().split('\n')
  expect([...path.split(':'), ...programs].filter((each) => !each.startsWith(place.bin))).toEqual([])
  expect(programs).toHaveLength(6)
})

test("a unit's program is looked for in the lab and not on this machine", async () => {
  const unit = (program: string) =>
    `printf '[Service]\\nType=oneshot\\nExecStart=${program}\\n' > .lab/z2/etc/systemd/system/try.service`
  const mark = join(folder, 'mark')
  for (const program of [
    `/bin/touch ${mark}`,
    `/../../../../../../../bin/touch ${mark}`,
    `/usr/bin/touch ${mark}`,
  ]) {
    expect((await ssh(place, `${unit(program)}; systemctl start try.service`)).code).toBe(1)
  }
  expect(existsSync(mark)).toBe(false)
})

test('a unit name that is a path is refused', async () => {
  for (const verb of ['mask', 'enable', 'disable', 'start']) {
    expect((await ssh(place, `systemctl ${verb} ../../../../../../etc/try.timer`)).code).not.toBe(0)
  }
})
