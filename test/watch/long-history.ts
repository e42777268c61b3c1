import type { Entry, EntryOf } from '../../lib/watch/entry.ts'

// Forty days of one Z2, as the schedule, a person and some `up`s would have noted them: every hour a look.

const hourMs = 3_600_000
export const lastMs = Date.parse('2026-11-22T10:07:00.000Z')
const hours = 40 * 24

type Off = EntryOf<'look'>['off'][number]
const off = (id: string, state: Off['state'], seen: string, cause: string | null = null): Off => ({
  id,
  state,
  cause,
  seen,
})

export const monzoTimer = 'ct109/timer/bulma-poll-monzo.timer'
export const container = 'ct109/container/109'
export const monzoPoll = 'ct109/last-poll/monzo'
const age = 'z2/token-age/tokens_truelayer.json'

/** Hours before the last look: what was off, from the first number up to the second. */
const spells: [from: number, to: number, what: Off[]][] = [
  [800, 790, [off(monzoTimer, 'differs', 'disabled, inactive')]],
  [
    600,
    594,
    [off(container, 'differs', 'stopped, starts on boot'), off(monzoTimer, 'unknown', '', container)],
  ],
  [400, 340, [off(age, 'needs-person', 'full login 86 days ago')]],
  [120, 118, [off(monzoTimer, 'differs', 'inactive')]],
  [100, 97, [off(monzoTimer, 'differs', 'inactive')]],
  [60, 52, [off(monzoTimer, 'differs', 'no next run')]],
  [49, -1, [off(monzoPoll, 'needs-person', 'refresh token dead: HTTP 401, Bad refresh token, 2 days ago')]],
]
const blind: [number, number][] = [
  [700, 680],
  [230, 227],
]

const iso = (before: number): string => new Date(lastMs - before * hourMs).toISOString()
const during = (before: number, [from, to]: [number, number] | [number, number, Off[]]): boolean =>
  before <= from && before > to

function verdict(bank: 'monzo' | 'truelayer', found: Off[]): string {
  const ids = found.map(({ id }) => id)
  if (ids.includes(container)) return 'container-down'
  if (bank === 'truelayer') return ids.includes(age) ? 'consent-ending' : 'healthy'
  if (ids.includes(monzoPoll)) return 'refresh-dead'
  return ids.includes(monzoTimer) ? 'timer-stopped' : 'healthy'
}

function look(before: number): Entry {
  const at = iso(before)
  if (blind.some((one) => during(before, one)))
    return { v: 1, at, kind: 'unseen', by: 'schedule', why: 'connect to host 192.168.1.10: no route to host' }
  const found = spells.filter((one) => during(before, one)).flatMap(([, , what]) => what)
  const banks = (['monzo', 'truelayer'] as const).map((bank) => ({
    bank,
    verdict: verdict(bank, found),
    what: bank === 'monzo' && before < 49 ? 'HTTP 401, Bad refresh token' : 'last poll 09:58, 3 accounts',
    lastGood: bank === 'monzo' && before < 49 ? iso(49.1) : iso(before + 0.1),
  }))
  return { v: 1, at, kind: 'look', by: 'schedule', off: found, banks }
}

/** The whole of it, oldest first. */
export function longHistory(): Entry[] {
  const looks = Array.from({ length: hours + 1 }, (_, at) => look(hours - at))
  const events: Entry[] = [
    { v: 1, at: iso(790), kind: 'repair', mended: [monzoTimer] },
    { v: 1, at: iso(594), kind: 'repair', mended: [container] },
    { v: 1, at: iso(341.5), kind: 'login', bank: 'truelayer', login: 7 },
    { v: 1, at: iso(52), kind: 'repair', mended: [monzoTimer] },
    {
      v: 1,
      at: iso(49),
      kind: 'told',
      what: 'monzo: refresh dead',
      how: ['ntfy', 'desktop'],
      failed: [],
      open: [`${monzoPoll}|refresh-dead`],
    },
  ]
  return [...looks, ...events].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}
