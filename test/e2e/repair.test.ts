import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Project, recordedProject } from './project.ts'

// For every kind that `up` repairs: drift, preview names just that, up repairs just that, clean, the same drift again is
// seen again. Real engine, real ssh.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterAll(() => project.end())

const legacy = (time: string, ...types: string[]): string[] =>
  types.map((type) => `z2/legacy-unit/hinata-poll-truelayer-${time}.${type}`)

const kinds: [kind: string, fault: string, ids: string[]][] = [
  ['container that does not start on boot', 'container-onboot-off', ['ct109/container/109']],
  ['closed data folder', 'data-folder-read-only', ['z2/data-folder/mnt/data/hinata/data/bulma']],
  [
    'token file that ct109 cannot read',
    'token-unreadable-truelayer',
    ['z2/token-file/tokens_truelayer.json'],
  ],
  ['token file that ct109 cannot write', 'token-read-only-monzo', ['z2/token-file/tokens_monzo.json']],
  [
    'credentials file that ct109 cannot read',
    'credentials-unreadable',
    ['z2/credentials-file/monzo_credentials.json'],
  ],
  [
    'credentials file that anybody may write',
    'credentials-world-writable',
    ['z2/credentials-file/monzo_credentials.json'],
  ],
  ['disabled timer', 'timer-disabled-monzo', ['ct109/timer/bulma-poll-monzo.timer']],
  [
    'timer that is enabled only until the next boot',
    'timer-runtime-truelayer',
    ['ct109/timer/bulma-poll-truelayer.timer'],
  ],
  ['timer without a next run', 'timer-no-elapse-truelayer', ['ct109/timer/bulma-poll-truelayer.timer']],
  ['failed poll', 'poll-failed-monzo', ['ct109/last-poll/monzo']],
  ['legacy unit that is back', 'legacy-morning', legacy('morning', 'timer', 'service')],
  ['legacy unit that is only masked', 'legacy-masked', legacy('morning', 'timer')],
  ['legacy unit of which only a drop-in is left', 'legacy-dropin', legacy('evening', 'timer')],
  ['legacy unit whose file is gone', 'legacy-dangling', legacy('evening', 'timer')],
  ['legacy unit that a package ships', 'legacy-vendor', legacy('morning', 'timer', 'service')],
  ['legacy unit that is running', 'legacy-running', legacy('morning', 'timer', 'service')],
]

describe.each(kinds)('a %s', (_, fault, ids) => {
  it('is seen, repaired and nothing else with it, and seen again when it is back', async () => {
    await project.lab('break', fault)
    expect(await project.off()).toEqual(ids)

    const before = await project.preview()
    expect([before.code, before.changed.sort()]).not.toEqual([0, []])
    expect(before.changed.sort()).toEqual([...ids].sort())
    for (const id of ids) expect(before.says).toContain(id.split('/').at(-1))

    const up = await project.up()
    expect(up.code, up.out).toBe(0)
    expect(up.mended).toEqual([...ids].sort())
    expect(await project.off()).toEqual([])

    const after = await project.preview()
    expect(after.changed).toEqual([])
    expect(after.code).toBe(0)

    await project.lab('mend')
    await project.lab('break', fault)
    expect((await project.preview()).changed.sort()).toEqual([...ids].sort())
    await project.lab('mend')
    expect(await project.off()).toEqual([])
  })
})
