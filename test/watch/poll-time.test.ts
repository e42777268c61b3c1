import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../lib/probe-record.ts'
import type { Log } from '../../lib/seen.ts'
import { lastGoodPoll } from '../../lib/watch/poll-time.ts'

const changedMs = Date.UTC(2026, 10, 22, 4, 0)
const log = (...events: [LogEvent['kind'], string?][]): Log => ({
  name: 'poll-monzo.log',
  state: 'file',
  size: 1000,
  changed: changedMs / 1000,
  events: events.map(([kind, time]) => ({ kind, ...(time && { time: `2026-11-22 ${time}:00` }) })),
})

describe('the last good poll', () => {
  it.each<[string, Log | undefined, number | null]>([
    ['is the last line of a log that ends well', log(['transactions', '03:45'], ['done', '04:00']), 0],
    ['needs no times there', log(['transactions'], ['done']), 0],
    [
      'lies before what failed since, by the log’s own clock',
      log(['transactions', '11:00'], ['unauthorised', '12:30']),
      90,
    ],
    [
      'is no poll that only got a token',
      log(['transactions', '01:00'], ['refresh-ok', '03:45'], ['forbidden', '04:00']),
      180,
    ],
    ['is not known where the log does not reach back', log(['bad-refresh-token', '04:00']), null],
    ['is not known where the lines have no times', log(['transactions'], ['bad-refresh-token']), null],
    [
      'is not known where the clock went back',
      log(['transactions', '05:00'], ['bad-refresh-token', '04:00']),
      null,
    ],
    ['is not known without a log', undefined, null],
    ['is not known where the log is gone', { name: 'x', state: 'absent', events: [] }, null],
  ])('%s', (_, one, minutesBefore) =>
    expect(lastGoodPoll('monzo', one)).toBe(
      minutesBefore === null ? null : changedMs - minutesBefore * 60_000,
    ),
  )
})
