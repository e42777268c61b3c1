import { describe, expect, it } from 'vitest'
import type { Finding } from '../../lib/finding.ts'
import { outcome } from '../../lib/outcome.ts'
import { plan, summarise } from '../../lib/plan.ts'
import type { Seen } from '../../lib/seen.ts'
import type { Unit } from '../../lib/systemd-unit.ts'
import { answered, healthy, nowMs, present } from '../healthy.ts'

const look = (change: (seen: Seen) => void, raw: Record<string, unknown> = {}): Finding[] => {
  const { declaration, seen } = healthy(raw)
  change(seen)
  return plan(declaration, seen, 'z2')
}

/** What does not hold, as `id: state` and what was seen; what hangs on another shows its cause instead. */
const off = (findings: Finding[]): Record<string, string> =>
  Object.fromEntries(
    findings
      .filter(({ state }) => state !== 'holds')
      .map(({ id, state, seen, cause }) => [
        id,
        cause === null ? `${state}: ${seen}` : `because of ${cause}`,
      ]),
  )

/** Only what is a finding of its own. */
const own = (findings: Finding[]): Record<string, string> =>
  Object.fromEntries(Object.entries(off(findings)).filter(([, text]) => !text.startsWith('because of')))

const unit = (seen: Seen, name: string, change: Partial<Unit>): void => {
  const { units } = answered(seen)
  units.set(name, { ...present(units, name), ...change })
}

const monzoTimer = 'ct109/timer/bulma-poll-monzo.timer'

describe('a look at a world in which everything holds', () => {
  it('finds twenty-one invariants, all of which hold', () => {
    const findings = look(() => undefined)
    expect(off(findings)).toEqual({})
    expect(summarise(findings)).toEqual({ holds: 21, differs: 0, needsPerson: 0, unknown: 0 })
    expect(outcome(findings)).toBe(0)
  })

  it('holds under the policy mapped-owner too, where the poller wrote its files 0600', () => {
    const findings = look(
      (seen) => {
        for (const one of seen.host.files.values()) one.mode = 0o600
        seen.host.folder.uid = 100000
        seen.host.folder.mode = 0o755
      },
      { tokenAccess: 'mapped-owner' },
    )
    expect(off(findings)).toEqual({})
  })

  it('gives every finding an id of its own', () => {
    const ids = look(() => undefined).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the container', () => {
  it.each([
    ['absent', { state: 'absent' as const }, 'no container 109 on this node'],
    [
      'on another node',
      { state: 'other-node' as const, node: 'pve2' },
      '109 is on node pve2, not on this one',
    ],
  ])('that is %s is one finding for a person, and gates all that is in it', (_, config, text) => {
    const findings = look((seen) => {
      seen.host.config = config
      seen.host.inside = { state: 'not-asked' }
    })
    expect(own(findings)).toEqual({ 'ct109/container-identity/bulma-finance': `needs-person: ${text}` })
    expect(outcome(findings)).toBe(4)
  })

  it('that has another name is not touched: everything in it hangs on the identity', () => {
    const findings = look((seen) => {
      if (seen.host.config.state === 'here') seen.host.config.values.hostname = 'somebody-else'
      seen.host.inside = { state: 'not-asked' }
    })
    expect(own(findings)).toEqual({
      'ct109/container-identity/bulma-finance': 'needs-person: 109 is named somebody-else',
    })
    expect(off(findings)[monzoTimer]).toBe('because of ct109/container-identity/bulma-finance')
  })

  it('that is stopped is one finding, which up repairs', () => {
    const findings = look((seen) => {
      seen.host.inside = { state: 'stopped', says: 'stopped' }
    })
    expect(own(findings)).toEqual({ 'ct109/container/109': 'differs: stopped, starts on boot' })
    expect(outcome(findings)).toBe(2)
  })

  it('that is stopped and locked is left to a person', () => {
    const findings = look((seen) => {
      seen.host.inside = { state: 'stopped', says: 'stopped' }
      if (seen.host.config.state === 'here') seen.host.config.values.lock = 'backup'
    })
    expect(own(findings)).toEqual({
      'ct109/container/109': 'needs-person: stopped, starts on boot, locked (backup)',
    })
  })

  it('that is locked but runs holds', () => {
    const findings = look((seen) => {
      if (seen.host.config.state === 'here') seen.host.config.values.lock = 'backup'
    })
    expect(off(findings)).toEqual({})
  })

  it('that does not answer was not looked at, and nothing in it is called fine', () => {
    const findings = look((seen) => {
      seen.host.inside = { state: 'unknown', why: 'pct: No such file or directory' }
    })
    expect(own(findings)).toEqual({ 'ct109/container/109': 'unknown: pct: No such file or directory' })
    expect(outcome(findings)).toBe(3)
  })

  it('that does not start on boot differs', () => {
    const findings = look((seen) => {
      if (seen.host.config.state === 'here') seen.host.config.values.onboot = false
    })
    expect(off(findings)).toEqual({ 'ct109/container/109': 'differs: running, does not start on boot' })
  })

  it('that has another address needs a person', () => {
    const findings = look((seen) => {
      answered(seen).addresses = ['192.168.1.50', '10.0.0.1']
    })
    expect(off(findings)).toEqual({ 'ct109/address/192.168.1.214': 'needs-person: 192.168.1.50, 10.0.0.1' })
  })
})

describe('a text that Z2 made up', () => {
  const lock = '\u001b[2Jx\n  ✓ all is well; reboot'

  it('neither steers a terminal, nor begins a line, nor becomes a part of what to do', () => {
    const findings = look(({ host }) => {
      if (host.config.state === 'here') Object.assign(host.config.values, { lock, onboot: false })
    })
    const found = findings.find(({ id }) => id === 'ct109/container/109')
    expect(found).toMatchObject({
      state: 'needs-person',
      seen: 'running, does not start on boot, locked (x   ✓ all is well; reboot)',
      next: 'wait until the lock is over, then npm run up',
    })
  })
})

describe('the bind mount', () => {
  const id = 'ct109/bind-mount/root/data/bulma'

  it('that is not configured gives the commands with a free mpN, pollers stopped and idle first', () => {
    const findings = look((seen) => {
      if (seen.host.config.state === 'here') {
        seen.host.config.values.mounts = [{ key: 'mp0', source: '/srv', destination: '/srv' }]
      }
      answered(seen).folder = '2049 5'
    })
    expect(own(findings)).toEqual({ [id]: 'needs-person: not in the configuration of the container' })
    const { next } = findings.find((one) => one.id === id) as Finding
    expect(next).toContain(
      'pct exec 109 -- systemctl stop bulma-poll-monzo.timer bulma-poll-truelayer.timer &&',
    )
    expect(next).toContain(
      'pct set 109 -mp1 /mnt/data/hinata/data/bulma,mp=/root/data/bulma && pct reboot 109',
    )
  })

  it('that is configured but shows another folder hangs the files and timers on it', () => {
    const findings = look((seen) => {
      answered(seen).folder = '2049 5'
      unit(seen, 'bulma-poll-monzo.timer', { activeState: 'inactive' })
    })
    expect(own(findings)).toEqual({ [id]: 'needs-person: configured, but ct109 has another folder there' })
    expect(off(findings)[monzoTimer]).toBe(`because of ${id}`)
    expect(off(findings)['z2/token-file/tokens_monzo.json']).toBe(`because of ${id}`)
  })

  it('with something mounted over part of it needs a person', () => {
    const over = {
      at: '/root/data/bulma/tokens_monzo.json',
      fsType: 'tmpfs',
      source: 'tmpfs',
      readOnly: false,
    }
    const findings = look((seen) => answered(seen).mounts.push(over))
    expect(own(findings)).toEqual({
      [id]: 'needs-person: something is mounted over /root/data/bulma/tokens_monzo.json in ct109',
    })
  })
})

describe('the data folder', () => {
  const id = 'z2/data-folder/mnt/data/hinata/data/bulma'

  it('that the container cannot enter differs, and explains the files in it', () => {
    const findings = look((seen) => {
      seen.host.folder.mode = 0o700
      answered(seen).access.set('.', { read: false, write: false, enter: false })
    })
    expect(own(findings)).toEqual({ [id]: 'differs: 0700, owner 0: ct109 cannot write in it' })
    expect(off(findings)['z2/token-file/tokens_monzo.json']).toBe(`because of ${id}`)
  })

  it('whose disk is not mounted is the cause, not "tokens absent"', () => {
    const findings = look((seen) => {
      const { units } = seen.host
      if (!(units instanceof Map)) return
      const mount = {
        ...present(units, 'hinata-poll-truelayer-morning.timer'),
        id: 'mnt-data.mount',
        loadState: 'loaded',
      }
      units.set('mnt-data.mount', mount)
      seen.host.folder = { state: 'absent' }
      for (const one of seen.host.files.values()) one.state = 'absent'
      answered(seen).folder = null
    })
    expect(own(findings)).toEqual({ [id]: 'needs-person: /mnt/data is not mounted' })
    expect(findings.find((one) => one.id === id)?.next).toBe('ssh hinata-z2 systemctl start mnt-data.mount')
  })

  it('that must be on a mount of its own and is not needs a person', () => {
    expect(own(look(() => undefined, { hostMount: '/mnt/data' }))).toEqual({
      [id]: 'needs-person: /mnt/data is not mounted',
    })
  })

  it.each([
    [{ bytes: 4096, files: 100 }, 'needs-person: its disk is full: 4 KB left'],
    [{ bytes: 1e9, files: 0 }, 'needs-person: its disk is full: no file can be added'],
    [{}, 'unknown: the room on its disk cannot be read'],
  ])('with room for %o is not called fine', (room, text) => {
    const findings = look((seen) => {
      seen.host.room = room
    })
    expect(own(findings)[id]).toBe(text)
  })

  it('that is bound read-only into the container needs a person', () => {
    const findings = look((seen) => {
      for (const mount of answered(seen).mounts) mount.readOnly = true
    })
    expect(own(findings)[id]).toBe('needs-person: mounted read-only in ct109')
  })

  it('on a read-only mount needs a person', () => {
    const findings = look((seen) => {
      seen.host.mounts = [{ at: '/mnt/data', fsType: 'ext4', source: '/dev/sdb1', readOnly: true }]
      answered(seen).access.set('tokens_monzo.json', { read: true, write: false, enter: false })
    })
    expect(own(findings)).toEqual({ [id]: 'needs-person: /mnt/data is mounted read-only' })
  })
})

describe('a token file', () => {
  const id = 'z2/token-file/tokens_truelayer.json'
  const change = (seen: Seen, to: Record<string, unknown>): void =>
    void Object.assign(present(seen.host.files, 'tokens_truelayer.json'), to)

  it.each([
    [{ state: 'absent' }, 'needs-person: absent'],
    [{ state: 'link' }, 'needs-person: a link, not a file'],
    [{ state: 'folder' }, 'needs-person: a folder, not a file'],
    [{ state: 'other' }, 'needs-person: a special file, not a file'],
    [{ links: 2 }, 'needs-person: has 2 hard links'],
    [{ json: 'not-json' }, 'needs-person: not JSON'],
    [{ json: 'empty' }, 'needs-person: empty'],
    [{ json: 'not-object' }, 'needs-person: JSON, but not an object'],
    [{ json: 'too-big' }, 'needs-person: over 1 MB, so it was not read'],
    [{ missing: ['refresh_token'] }, 'needs-person: no refresh_token in it'],
    [{ state: 'unreadable', why: 'Input/output error' }, 'unknown: cannot be read: Input/output error'],
  ])('that is %o is one finding, and its age and last poll hang on it', (to, text) => {
    const findings = look((seen) => change(seen, to))
    expect(own(findings)).toEqual({ [id]: text })
    expect(off(findings)['z2/token-age/tokens_truelayer.json']).toBe(`because of ${id}`)
  })

  it('that ct109 cannot read differs, whatever its mode bits say', () => {
    const findings = look((seen) => {
      change(seen, { mode: 0o666, uid: 0 })
      answered(seen).access.set('tokens_truelayer.json', { read: false, write: true, enter: false })
    })
    expect(off(findings)).toEqual({ [id]: 'differs: 0666, owner 0: ct109 cannot read it' })
  })

  it('that anybody may read differs under mapped-owner, even if ct109 can use it', () => {
    const findings = look(
      (seen) => {
        for (const one of seen.host.files.values()) one.mode = 0o600
        Object.assign(seen.host.folder, { uid: 100000, mode: 0o700 })
        change(seen, { mode: 0o644 })
      },
      { tokenAccess: 'mapped-owner' },
    )
    expect(off(findings)).toEqual({ [id]: 'differs: 0644, owner 100000' })
  })

  it('that is absent while a login waits on the Mac says push, never a new login', () => {
    const findings = look((seen) => {
      change(seen, { state: 'absent' })
      seen.mac.truelayer.token = { state: 'file', mode: 0o600, json: true }
    })
    expect(findings.find((one) => one.id === id)?.next).toBe('npm run push -- truelayer')
    expect(own(findings)['mac/transit-copy/tokens_truelayer.json']).toContain('keep: z2 has no good one')
  })
})

describe('the token age', () => {
  const id = 'z2/token-age/tokens_truelayer.json'
  const at = (time: string | null): Finding[] =>
    look(
      (seen) =>
        void Object.assign(present(seen.host.files, 'tokens_truelayer.json'), { time, hasTime: true }),
    )
  const daysAgo = (days: number): number => Math.floor((nowMs - days * 86_400_000) / 1000)

  it.each([
    ['seconds', String(daysAgo(87))],
    ['milliseconds', `${daysAgo(87)}000`],
    ['ISO 8601', new Date(daysAgo(87) * 1000).toISOString()],
    ['ISO 8601 without a zone', new Date(daysAgo(87) * 1000).toISOString().slice(0, 19)],
  ])('is read from %s', (_, time) => {
    expect(off(at(time))).toEqual({ [id]: 'needs-person: full login 87 days ago' })
  })

  it('of 85 days to the second still holds, a minute more does not', () => {
    expect(off(at(String(daysAgo(85))))).toEqual({})
    expect(off(at(String(daysAgo(85) - 60)))).toEqual({ [id]: 'needs-person: full login 85 days ago' })
  })

  it('that is not known is never called fine', () => {
    expect(off(at(null))).toEqual({ [id]: 'needs-person: full_auth_at is not a time' })
    expect(off(at(String(daysAgo(-3))))).toEqual({
      [id]: 'needs-person: full login in the future: a clock is wrong',
    })
  })
})

describe('a timer', () => {
  it.each<[string, Partial<Unit>, string]>([
    [
      'disabled and stopped',
      { unitFileState: 'disabled', activeState: 'inactive' },
      'differs: disabled, inactive',
    ],
    [
      'enabled only at run time',
      { unitFileState: 'enabled-runtime' },
      'differs: enabled-runtime, active, next run in 8 minutes',
    ],
    ['stopped', { activeState: 'inactive' }, 'differs: enabled, inactive'],
    ['failed', { activeState: 'failed' }, 'differs: enabled, failed'],
    [
      'masked',
      { loadState: 'masked', unitFileState: 'masked', activeState: 'inactive' },
      'differs: masked, inactive',
    ],
    ['without a next run', { nextRealtimeMs: null }, 'differs: enabled, active, no next run'],
    [
      'not reloaded',
      { needsReload: true },
      'differs: enabled, active, next run in 8 minutes, changed on disk and not reloaded',
    ],
    ['without a unit file', { loadState: 'not-found' }, 'needs-person: there is no such unit'],
    ['broken', { loadState: 'bad-setting' }, 'needs-person: bad-setting: systemd cannot load it'],
    ['static', { unitFileState: 'static' }, 'needs-person: static, active, next run in 8 minutes'],
    [
      'on another schedule',
      { nextRealtimeMs: nowMs + 3_600_000, schedule: 'OnCalendar=hourly' },
      'needs-person: enabled, active, next run in 60 minutes (OnCalendar=hourly)',
    ],
    [
      'once a day, and due just now',
      { nextRealtimeMs: nowMs + 480_000, schedule: 'OnCalendar=*-*-* 04:15:00' },
      'needs-person: enabled, active, next run in 8 minutes (OnCalendar=*-*-* 04:15:00)',
    ],
  ])('that is %s is seen', (_, change, text) => {
    const findings = look((seen) => unit(seen, 'bulma-poll-monzo.timer', change))
    expect(off(findings)).toEqual({ [monzoTimer]: text })
  })

  it.each(['not-found', 'masked', 'bad-setting'])('whose service is %s needs a person', (loadState) => {
    const findings = look((seen) => unit(seen, 'bulma-poll-monzo.service', { loadState }))
    expect(off(findings)[monzoTimer]).toBe(
      `needs-person: what it starts, bulma-poll-monzo.service, is ${loadState}`,
    )
  })

  it('whose wants link is gone from the disk differs, though systemd still remembers it as enabled', () => {
    const findings = look((seen) => void answered(seen).disk.linked.delete('bulma-poll-monzo.timer'))
    expect(off(findings)).toEqual({
      [monzoTimer]: 'differs: no longer enabled on disk, active, next run in 8 minutes',
    })
  })

  it('with a drop-in that systemd has not read differs', () => {
    const path = '/etc/systemd/system/bulma-poll-monzo.timer.d/override.conf'
    const findings = look((seen) => void answered(seen).disk.dropIns.set('bulma-poll-monzo.timer', [path]))
    expect(off(findings)[monzoTimer]).toMatch(/changed on disk and not reloaded$/)
    const loaded = look((seen) => {
      answered(seen).disk.dropIns.set('bulma-poll-monzo.timer', [path])
      unit(seen, 'bulma-poll-monzo.timer', { dropInPaths: [path] })
    })
    expect(off(loaded)).toEqual({})
  })

  it('holds while its poll is running, though its next run has passed', () => {
    const findings = look((seen) => {
      unit(seen, 'bulma-poll-monzo.timer', { nextRealtimeMs: nowMs - 120_000, subState: 'running' })
      unit(seen, 'bulma-poll-monzo.service', { activeState: 'activating' })
    })
    expect(off(findings)).toEqual({})
  })

  it('may be late by its own random delay', () => {
    const change = { nextRealtimeMs: nowMs + 19 * 60_000, randomDelayMs: 300_000 }
    expect(off(look((seen) => unit(seen, 'bulma-poll-monzo.timer', change)))).toEqual({})
  })

  it('that goes by the monotonic clock is judged by it', () => {
    const change = { nextRealtimeMs: null, nextMonotonicMs: 1_000_000 + 600_000 }
    expect(off(look((seen) => unit(seen, 'bulma-poll-monzo.timer', change)))).toEqual({})
  })

  it('that systemd says nothing of was not looked at', () => {
    const findings = look((seen) => void answered(seen).units.delete('bulma-poll-monzo.timer'))
    expect(outcome(findings)).toBe(3)
  })
})

describe('a legacy unit', () => {
  const name = 'hinata-poll-truelayer-morning.timer'
  const id = `z2/legacy-unit/${name}`
  const with_ = (
    change: Partial<Unit>,
    traces: { path: string; type: 'file' | 'folder' | 'link'; target?: string }[],
  ) =>
    look((seen) => {
      const { units } = seen.host
      if (units instanceof Map) units.set(name, { ...present(units, name), ...change })
      seen.host.traces.found = traces
    })
  const etc = `/etc/systemd/system/${name}`

  it.each<[string, Partial<Unit>, Parameters<typeof with_>[1]]>([
    ['enabled and active', { loadState: 'loaded', activeState: 'active' }, [{ path: etc, type: 'file' }]],
    ['dormant but still installed', { loadState: 'loaded' }, [{ path: etc, type: 'file' }]],
    ['only a drop-in folder', {}, [{ path: `${etc}.d`, type: 'folder' }]],
    [
      'only a dangling wants link',
      {},
      [{ path: `/etc/systemd/system/timers.target.wants/${name}`, type: 'link', target: etc }],
    ],
    ['only a mask', { loadState: 'masked' }, [{ path: etc, type: 'link', target: '/dev/null' }]],
    ['still running without a file', { activeState: 'active' }, []],
    ['failed without a file', { activeState: 'failed' }, []],
    [
      'shipped by a package and not masked',
      { loadState: 'loaded' },
      [{ path: `/lib/systemd/system/${name}`, type: 'file' }],
    ],
  ])('that is %s differs', (_, change, traces) => {
    expect(own(with_(change, traces))[id]).toMatch(/^differs: /)
  })

  it('that a package ships holds when it is masked and inactive', () => {
    const traces = [
      { path: `/usr/lib/systemd/system/${name}`, type: 'file' as const },
      { path: etc, type: 'link' as const, target: '/dev/null' },
    ]
    expect(off(with_({ loadState: 'masked' }, traces))).toEqual({})
    expect(own(with_({ loadState: 'masked', activeState: 'active' }, traces))[id]).toMatch(/^differs: /)
  })

  it('is unknown when systemctl or a folder did not answer', () => {
    const silent = look((seen) => {
      seen.host.units = { why: 'Failed to connect to bus' }
    })
    expect(own(silent)[id]).toBe('unknown: Failed to connect to bus')
    const unread = look((seen) => {
      seen.host.traces.unread = ['/etc/systemd/system: Permission denied']
    })
    expect(own(unread)[id]).toBe('unknown: cannot read /etc/systemd/system: Permission denied')
  })
})

describe('the Mac', () => {
  it.each([
    [{ state: 'absent' as const }, 'needs-person: absent'],
    [{ state: 'file' as const, mode: 0o644, json: true }, 'needs-person: 0644, open to others'],
    [{ state: 'file' as const, mode: 0o600, json: false }, 'needs-person: not a JSON object'],
    [{ state: 'unreadable' as const, why: 'EACCES' }, 'needs-person: cannot be read: EACCES'],
  ])('with credentials that are %o needs a person', (credentials, text) => {
    const findings = look((seen) => {
      seen.mac.truelayer.credentials = credentials
    })
    expect(off(findings)).toEqual({ 'mac/credentials-file/truelayer_credentials.json': text })
  })

  it('with a token file left on it needs a person, never up', () => {
    const findings = look((seen) => {
      seen.mac.monzo.token = { state: 'file', mode: 0o600, json: true }
    })
    expect(off(findings)).toEqual({
      'mac/transit-copy/tokens_monzo.json': 'needs-person: in ~/Sandpit/hinata-sandpit/data/bulma',
    })
  })
})

describe('the declaration', () => {
  it('has reasons that fit on a line of eighty columns', () => {
    const { declaration } = healthy()
    expect(declaration.invariants.filter(({ why }) => why.length > 67)).toEqual([])
  })
})
