import { describe, expect, it } from 'vitest'
import { mountUnitsAbove, parseTimespan, parseTimestamp, parseUnits } from '../../lib/systemd-unit.ts'

describe('what systemctl show prints', () => {
  it('is read block by block, and a block without an Id is left out', () => {
    const units = parseUnits(
      'Id=a.timer\nLoadState=loaded\nNeedDaemonReload=yes\n\nLoadState=loaded\n\nId=b.timer\n',
    )
    expect([...units.keys()]).toEqual(['a.timer', 'b.timer'])
    expect(units.get('a.timer')?.needsReload).toBe(true)
  })

  it('gives the schedule that the unit file asks for', () => {
    const text =
      'Id=a.timer\nTimersCalendar={ OnCalendar=*-*-* *:00/15:00 ; next_elapse=Sun 2026-11-22 04:15:00 UTC }\n' +
      'TimersMonotonic={ OnBootUSec=2min ; next_elapse=2min }'
    expect(parseUnits(text).get('a.timer')?.schedule).toBe('OnCalendar=*-*-* *:00/15:00, OnBootUSec=2min')
  })
})

describe('a timestamp', () => {
  it.each([
    ['Sun 2026-11-22 04:15:00 UTC', Date.UTC(2026, 10, 22, 4, 15)],
    ['Sun 2026-11-22 04:15:00.123456 UTC', Date.UTC(2026, 10, 22, 4, 15)],
    ['', null],
    ['n/a', null],
    ['Sun 2026-11-22 04:15:00 CET', null],
  ])('%j is %j', (text, ms) => expect(parseTimestamp(text)).toBe(ms))
})

describe('a timespan', () => {
  it.each([
    ['0', 0],
    ['15min', 900_000],
    ['1d 2h 3min 4.5s', 93_784_500],
    ['1month 1w', 3_234_600_000],
    ['250ms', 250],
    ['infinity', null],
    ['', null],
    ['soon', null],
    ['5min later', null],
  ])('%j is %j ms', (text, ms) => expect(parseTimespan(text)).toBe(ms))
})

it('the mount units above a folder are named as systemd-escape names them', () => {
  expect(mountUnitsAbove('/mnt/my-data/a b')).toEqual([
    'mnt.mount',
    'mnt-my\\x2ddata.mount',
    'mnt-my\\x2ddata-a\\x20b.mount',
  ])
})
