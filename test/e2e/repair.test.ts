import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Project, recordedProject } from './project.ts'

// For every kind that `up` repairs: drift and preview name just that, up repairs just that, and where the same drift is back
// the next preview, beside the next kind, names it again and nothing of what was repaired before. Real engine, real ssh.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterAll(() => project.end())

const legacy = (time: string, ...types: string[]): string[] =>
  types.map((type) => `z2/legacy-unit/hinata-poll-truelayer-${time}.${type}`)

type Kind = [kind: string, fault: string, ids: string[]]

// Neighbours have nothing to do with each other: they are there together.
const kinds: Kind[] = [
  ['container that does not start on boot', 'container-onboot-off', ['ct109/container/109']],
  ['legacy unit that is back', 'legacy-morning', legacy('morning', 'timer', 'service')],
  ['closed data folder', 'data-folder-read-only', ['z2/data-folder/mnt/data/hinata/data/bulma']],
  ['legacy unit that is only masked', 'legacy-masked', legacy('morning', 'timer')],
  [
    'token file that ct109 cannot read',
    'token-unreadable-truelayer',
    ['z2/token-file/tokens_truelayer.json'],
  ],
  ['legacy unit of which only a drop-in is left', 'legacy-dropin', legacy('evening', 'timer')],
  ['token file that ct109 cannot write', 'token-read-only-monzo', ['z2/token-file/tokens_monzo.json']],
  ['legacy unit whose file is gone', 'legacy-dangling', legacy('evening', 'timer')],
  [
    'credentials file that ct109 cannot read',
    'credentials-unreadable',
    ['z2/credentials-file/monzo_credentials.json'],
  ],
  ['legacy unit that a package ships', 'legacy-vendor', legacy('morning', 'timer', 'service')],
  ['disabled timer', 'timer-disabled-monzo', ['ct109/timer/bulma-poll-monzo.timer']],
  ['legacy unit that is running', 'legacy-running', legacy('morning', 'timer', 'service')],
  [
    'timer that is enabled only until the next boot',
    'timer-runtime-truelayer',
    ['ct109/timer/bulma-poll-truelayer.timer'],
  ],
  [
    'credentials file that anybody may write',
    'credentials-world-writable',
    ['z2/credentials-file/monzo_credentials.json'],
  ],
  ['timer without a next run', 'timer-no-elapse-truelayer', ['ct109/timer/bulma-poll-truelayer.timer']],
  ['failed poll', 'poll-failed-monzo', ['ct109/last-poll/monzo']],
]

/** All that is there is seen, by a look and by a preview. */
async function seen(...there: Kind[]): Promise<void> {
  const ids = there.flatMap(([, , of]) => of).sort()
  expect((await project.off()).sort()).toEqual(ids)
  const { code, changed, says } = await project.preview()
  expect(changed.sort()).toEqual(ids)
  expect(code === 0, `preview ended with ${code}`).toBe(ids.length === 0)
  for (const id of ids) expect(says).toContain(id.split('/').at(-1))
}

/** What was repaired last, and is back now: the next preview has to see it again. */
let back: Kind[] = []

describe.each(kinds)('a %s', (...kind) => {
  const [, fault, ids] = kind

  it('is seen, repaired and nothing else with it, and seen again when it is back', async () => {
    await project.lab('break', fault)
    await seen(...back, kind)
    for (const [, old] of back) await project.lab('mend', old)

    const up = await project.up()
    expect(up.code, up.out).toBe(0)
    expect(up.mended).toEqual([...ids].sort())
    expect(await project.off()).toEqual([])
    await project.lab('mend')
    await project.lab('break', fault)
    back = [kind]
  })
})

it('and when all of it is mended, a preview is clean', async () => {
  await seen(...back)
  await project.lab('mend')
  await seen()
})
