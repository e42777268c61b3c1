import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { repairText } from '../../lib/io/repair-text.ts'
import { readStackConfig } from '../../lib/io/stack-file.ts'
import { resources } from '../../lib/resource.ts'
import { declare } from '../../stacks/declaration.ts'
import { type Project, recordedProject } from './project.ts'

// A repair that fails says why, leaves its invariant seen, and keeps no other chain from being repaired.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterEach(() => project.lab('mend'))
afterAll(() => project.end())

const monzoLog = '.lab/z2/mnt/data/hinata/data/bulma/poll-monzo.log'

const failing: [faults: string[], id: string, why: RegExp][] = [
  [
    ['token-unreadable-monzo', 'repair-fails-chmod'],
    'z2/token-file/tokens_monzo.json',
    /cannot change its mode/,
  ],
  [
    ['data-folder-read-only', 'repair-fails-chmod'],
    'z2/data-folder/mnt/data/hinata/data/bulma',
    /cannot change its mode/,
  ],
  [
    ['credentials-world-writable', 'repair-fails-chmod'],
    'z2/credentials-file/monzo_credentials.json',
    /cannot change its mode/,
  ],
  [
    ['timer-disabled-truelayer', 'repair-fails-enable'],
    'ct109/timer/bulma-poll-truelayer.timer',
    /Failed to enable unit/,
  ],
  [
    ['legacy-masked', 'repair-fails-legacy-morning'],
    'z2/legacy-unit/hinata-poll-truelayer-morning.timer',
    /still not/,
  ],
]

it.each(failing)('%j: it is seen again, and the other chains are repaired', async (faults, id, why) => {
  await project.lab('break', ...faults, 'legacy-dropin')
  const up = await project.up()
  expect(up.code).not.toBe(0)
  expect(up.out).toMatch(new RegExp(`still not as documented: .*${why.source}|${why.source}`))
  expect(up.mended).toEqual(['z2/legacy-unit/hinata-poll-truelayer-evening.timer'])
  expect(await project.off()).toEqual([id])
  expect((await project.preview()).changed).toEqual([id])
})

it('a poll that fails again keeps its evidence and is seen again', async () => {
  await project.lab('break', 'poll-unreachable-monzo')
  // The last line of the log is good, so that only the failed service speaks against it.
  await project.ssh(`echo "$(date -u '+%Y-%m-%d %H:%M:%S') 3 accounts, 12 transactions" >> ${monzoLog}`)
  expect(await project.off()).toEqual(['ct109/last-poll/monzo'])
  const up = await project.up()
  expect(up.code).not.toBe(0)
  expect(up.out).toContain('the poll failed again')
  const state = await project.ssh('pct exec 109 -- systemctl is-failed bulma-poll-monzo.service')
  expect(state.out.trim()).toBe('failed')
})

describe('a container that is locked between the look and the repair', () => {
  it('is left alone, and the lock is named', async () => {
    await project.lab('break', 'container-stopped')
    const declaration = declare(readStackConfig('lab'))
    const { json } = await project.drift()
    const all = resources(declaration, json.findings, 'run-1', repairText())
    const container = all.find(({ name }) => name === 'ct109/container/109')
    await project.lab('break', 'container-stopped-locked')
    const [program = '', ...args] = [...(container?.args.interpreter ?? []), 'repair']
    const { status, stdout } = spawnSync(program, args, {
      cwd: project.dir,
      input: container?.args.stdin,
      encoding: 'utf8',
    })
    expect(stdout).toBe(
      'ct109 container 109: still not as documented: it is locked (backup): somebody is at work on it\n',
    )
    expect(status).toBe(1)
    expect((await project.ssh('pct status 109')).out).toContain('stopped')
  })
})
