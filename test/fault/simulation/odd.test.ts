import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { findProgram } from '../../../lab/sim/program.ts'
import { banks, dataFolder } from '../../e2e/login-place.ts'
import { logsIn } from '../../e2e/person.ts'
import { isAll } from '../../run-kind.ts'
import { about } from '../row.ts'
import { newStage, type Stage } from '../stage.ts'

// What is odd and no fault of anybody's: another userland, a clock that is a day off, names that a shell would take apart.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage({ recorded: false })
  for (const bank of banks) await stage.place.logsIn(bank)
})
afterAll(() => stage.end())

/** Runs `work` on a Z2 whose ordinary programs are those of busybox. */
async function withBusybox(work: () => Promise<void>): Promise<number> {
  const busybox = findProgram('busybox')
  if (!busybox) throw new Error('no busybox here: apt-get install busybox')
  const applets = new Set(execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n'))
  const folder = stage.file('.lab/bin/system')
  const names = readdirSync(folder).filter((name) => applets.has(name))
  const aside = stage.file('.lab/bin/aside')
  mkdirSync(aside)
  for (const name of names) {
    renameSync(join(folder, name), join(aside, name))
    symlinkSync(busybox, join(folder, name))
  }
  try {
    await work()
  } finally {
    for (const name of names) renameSync(join(aside, name), join(folder, name))
    rmSync(aside, { recursive: true })
  }
  return names.length
}

/** Something to repair in each half of a look, repaired by the real engine; then a login to its good end. */
async function repairsAndLogsIn(folder = dataFolder): Promise<void> {
  await stage.project.lab('break', 'timer-disabled-monzo', 'legacy-morning')
  chmodSync(stage.file(`.lab/z2${folder}/tokens_truelayer.json`), 0o600)
  expect((await stage.off()).sort()).toEqual([
    'ct109/timer/bulma-poll-monzo.timer',
    'z2/legacy-unit/hinata-poll-truelayer-morning.service',
    'z2/legacy-unit/hinata-poll-truelayer-morning.timer',
    'z2/token-file/tokens_truelayer.json',
  ])
  const up = await stage.run('up', ['--yes'])
  expect(up.code, up.out + up.err).toBe(0)
  expect(await stage.off()).toEqual([])
  for (const bank of banks) {
    const { shown } = await stage.place.logsIn(bank)
    stage.hears(shown.replace(/https?:\/\/\S+/g, ''), 'reauth')
    const onZ2 = JSON.parse(readFileSync(stage.file(`.lab/z2${folder}/tokens_${bank}.json`), 'utf8'))
    const what = { bank, do: 'isLive', refreshToken: onZ2.refresh_token } as const
    expect([bank, await stage.place.order(what)]).toEqual([bank, true])
    expect((await stage.place.doctor(bank)).verdict).toBe('healthy')
  }
}

it('a Z2 with the programs of busybox in the place of GNU is looked at, repaired and logged in to', async ({
  task,
}) => {
  about(task, {
    family: 'login shell',
    fault: 'a z2 and ct109 with the programs of busybox in the place of GNU',
    sees: '21 hold',
    exit: 'drift 0, doctor 0; with drifts 2; up 0, reauth 0',
    after: 'repaired as with any other; both banks logged in',
  })
  await withBusybox(async () => {
    for (const name of ['drift', 'doctor', 'status']) {
      const { code, out, err } = await stage.run(name)
      expect([name, code], out + err).toEqual([name, 0])
      if (name === 'drift') expect(out).toContain('21 hold')
    }
    await repairsAndLogsIn()
  })
  expect(await stage.off()).toEqual([])
})

/** A module that a program loads first: its clock goes wrong by so many hours. */
const shiftedClock = (hours: number): string =>
  `data:text/javascript,${encodeURIComponent(`
  const RealDate = Date, by = ${hours} * 3600e3
  globalThis.Date = class extends RealDate {
    constructor(...args) { args.length === 0 ? super(RealDate.now() + by) : super(...args) }
    static now() { return RealDate.now() + by }
  }`)}`

it.for(isAll ? [24, -24] : [24])(
  'the clocks of the Mac and of Z2 are %i hours apart',
  async (hours, { task }) => {
    about(task, {
      family: 'systemd',
      fault: 'a clock that is a day ahead or behind: that of the Mac against that of z2',
      sees: 'the clocks of this Mac and z2 differ by 86400 s',
      exit: 'drift 0, doctor 0, status 0, reauth 0',
      after: 'both banks logged in, times by the clock of z2 and the bank',
    })
    const env = { NODE_OPTIONS: `--import=${shiftedClock(hours)}` }
    for (const name of ['drift', 'doctor', 'status']) {
      const { code, out, err } = await stage.run(name, [], env)
      expect([name, code], out + err).toEqual([name, 0])
    }
    await stage.place.knob('monzo', { approve: 500 })
    for (const bank of banks) {
      const person = stage.place.seated({ env }, 'reauth', bank, '--anyway', '--yes')
      const page = logsIn(await person.address())
      expect(await person.end(), person.shown).toBe(0)
      expect(await page).toBe(`${bank} login finished`)
      expect(person.shown).toMatch(/the clocks of this Mac and z2 differ by 86[34]\d\d s/)
      expect([bank, await stage.place.isLive(bank)]).toEqual([bank, true])
      expect((await stage.place.doctor(bank)).verdict).toBe('healthy')
    }
    expect(await stage.off()).toEqual([])
  },
)

const awkward = `it's "a" $HOME\`id\`; \\ folder`
const folders = {
  hostDataDir: `/mnt/data/hinata/${awkward}/bulma`,
  stateDir: `/var/lib/${awkward}`,
  runDir: `/run/${awkward}`,
  backupDir: `/var/backups/${awkward}`,
  macMonzoDir: `.lab/home/${awkward}/monzo`,
  macTruelayerDir: `.lab/home/${awkward}/truelayer`,
}

/** Gives every folder that can be configured an awkward name, and says so in the configurations of the stack and of CT109. */
async function renameFolders(): Promise<void> {
  const z2 = stage.file('.lab/z2')
  const moves = [
    [`${z2}${dirname(dataFolder)}`, `${z2}${dirname(folders.hostDataDir)}`],
    [dirname(stage.place.mac('monzo', 'x')), stage.file(folders.macMonzoDir)],
    [dirname(stage.place.mac('truelayer', 'x')), stage.file(folders.macTruelayerDir)],
  ]
  for (const [from = '', to = ''] of moves) {
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
  }
  for (const [key, value] of Object.entries(folders)) stage.place.configure(key, JSON.stringify(value))
  const conf = `${z2}/etc/pve/nodes/hinata-z2/lxc/109.conf`
  writeFileSync(
    conf,
    readFileSync(conf, 'utf8').replace(dataFolder, () => folders.hostDataDir),
  )
  await stage.project.ssh('pct reboot 109')
}

/** What is in the folders as they are called where nothing is configured. */
const namesBelow = (): string[][] =>
  ['/run/bulma-infra', '/var/lib/bulma-infra', '/var/backups', '/mnt/data/hinata'].map((folder) =>
    readdirSync(stage.file(`.lab/z2${folder}`))
      .filter((name) => name !== awkward)
      .sort(),
  )

it('folders whose names a shell would take apart are looked at, repaired and logged in to', async ({
  task,
}) => {
  about(task, {
    family: 'files',
    fault: `configured folders on z2 and on the Mac that are called ${awkward}`,
    sees: '21 hold',
    exit: 'drift 0, doctor 0, status 0; up 0, reauth 0',
    after: 'repaired as with any other; both banks logged in; nothing beside these folders',
  })
  await renameFolders()
  const before = namesBelow()
  for (const name of ['drift', 'doctor', 'status']) {
    const { code, out, err } = await stage.run(name)
    expect([name, code], out + err).toEqual([name, 0])
  }
  await repairsAndLogsIn(folders.hostDataDir)
  const backups = readdirSync(stage.file(`.lab/z2${folders.backupDir}`), { recursive: true })
  expect(backups).toContainEqual(expect.stringContaining('morning'))
  expect(existsSync(stage.file(`.lab/z2${folders.stateDir}/monzo.json`))).toBe(true)
  expect(namesBelow()).toEqual(before)
})
