import { expect, it } from 'vitest'
import type { EntryOf } from '../../lib/watch/entry.ts'
import { mendedBetween } from '../../lib/watch/mended.ts'
import { looked } from './past.ts'

type Off = EntryOf<'look'>['off'][number]
const off = (id: string, state: Off['state'], cause: string | null = null): Off => ({
  id,
  state,
  cause,
  seen: 'something',
})
const before = looked('2026-11-22T05:00:00.000Z', {
  off: [
    off('ct109/container/109', 'differs'),
    off('ct109/timer/a', 'unknown', 'ct109/container/109'),
    off('z2/legacy-unit/b', 'differs'),
    off('z2/token-age/c', 'needs-person'),
  ],
})

it.each<[string, Off[], string[]]>([
  ['all that differed, and nothing else', [], ['ct109/container/109', 'z2/legacy-unit/b']],
  ['not what differs still', [off('z2/legacy-unit/b', 'differs')], ['ct109/container/109']],
  [
    'not what could not be looked at afterwards',
    [off('z2/legacy-unit/b', 'unknown', 'x'), off('ct109/container/109', 'needs-person')],
    [],
  ],
])('an up has mended %s', (_, after, wanted) => {
  expect(mendedBetween(before, looked('2026-11-22T05:01:00.000Z', { off: after }))).toEqual(wanted)
})
