import { describe, expect, it } from 'vitest'
import { repairText } from '../../lib/io/repair-text.ts'
import { messages } from '../../lib/message.ts'
import { plan } from '../../lib/plan.ts'
import { type Resource, resources } from '../../lib/resource.ts'
import type { Seen } from '../../lib/seen.ts'
import { answered, healthy, present } from '../healthy.ts'

function world(change: (seen: Seen) => void, raw: Record<string, unknown> = {}) {
  const { declaration, seen } = healthy(raw)
  change(seen)
  const findings = plan(declaration, seen, 'z2')
  const all = resources(declaration, findings, 'run-1', repairText())
  const get = (name: string): Resource => all.find((one) => one.name === name) as Resource
  return { all, findings, get, changed: all.filter(({ ignoreChanges }) => ignoreChanges.length === 0) }
}

const nothing = (): void => undefined
const timer = 'ct109/timer/bulma-poll-monzo.timer'

function stopTimer(seen: Seen): void {
  const { units } = answered(seen)
  units.set('bulma-poll-monzo.timer', {
    ...present(units, 'bulma-poll-monzo.timer'),
    activeState: 'inactive',
  })
}

describe('the resources of a run', () => {
  it('are one per invariant, and nothing changes where everything holds', () => {
    const { all, findings, changed } = world(nothing)
    expect(all.map(({ name }) => name).sort()).toEqual(findings.map(({ id }) => id).sort())
    expect(changed).toEqual([])
    expect(all.every(({ args }) => args.environment.LAST_DRIFT === 'none')).toBe(true)
  })

  it('carry what differs with an id of the run, so that the same drift twice is a new change', () => {
    const { changed } = world(stopTimer)
    expect(changed.map(({ name }) => name)).toEqual([timer])
    expect(changed[0]?.args.environment.LAST_DRIFT).toBe(
      'run-1\nseen   enabled, inactive\nwant   enabled, active, next run within 15 min',
    )
  })

  it('depend only on resources that come before them', () => {
    const { all } = world(stopTimer)
    const names = all.map(({ name }) => name)
    for (const [at, { dependsOn }] of all.entries()) {
      expect(dependsOn.every((name) => names.indexOf(name) < at)).toBe(true)
    }
  })

  it('form chains that need at most five sessions at once, however parallel the engine is', () => {
    const { all } = world(nothing)
    const ssh = all.filter(({ args }) => args.interpreter[0] === 'ssh')
    const done = new Set<string>()
    let widest = 0
    while (done.size < ssh.length) {
      const ready = ssh.filter(
        ({ name, dependsOn }) => !done.has(name) && dependsOn.every((one) => done.has(one)),
      )
      widest = Math.max(widest, ready.length)
      for (const { name } of ready) done.add(name)
    }
    expect(widest).toBeLessThanOrEqual(5)
  })

  it('put what needs a person last, with no session, behind all repairs and beside its like', () => {
    const { all, changed } = world((seen) => {
      stopTimer(seen)
      seen.mac.monzo.token = { state: 'file', mode: 0o600, json: true }
      Object.assign(present(seen.host.files, 'tokens_truelayer.json'), { time: '2020-01-01' })
    })
    const people = changed.filter(({ args }) => args.interpreter[0] === 'sh')
    expect(people.map(({ name }) => name).sort()).toEqual([
      'mac/transit-copy/tokens_monzo.json',
      'z2/token-age/tokens_truelayer.json',
    ])
    const repairs = all.filter(({ args }) => args.interpreter[0] === 'ssh').map(({ name }) => name)
    for (const { dependsOn } of people) expect(dependsOn).toEqual(repairs)
    expect(
      all.some(({ dependsOn }) => dependsOn.some((name) => people.some((one) => one.name === name))),
    ).toBe(false)
  })

  it('check everything inside a stopped container, after it was started', () => {
    const { changed, get } = world((seen) => {
      seen.host.inside = { state: 'stopped', says: 'stopped' }
    })
    expect(changed.map(({ name }) => name)).toContain(timer)
    expect(changed.every(({ args }) => args.interpreter[0] === 'ssh')).toBe(true)
    expect(get('ct109/bind-mount/root/data/bulma').dependsOn).toEqual(['ct109/container/109'])
  })

  it('touch nothing that hangs on what only a person can mend', () => {
    const { changed, get } = world((seen) => {
      if (seen.host.config.state === 'here') seen.host.config.values.hostname = 'other'
      seen.host.inside = { state: 'not-asked' }
    })
    expect(changed.map(({ name }) => name)).toEqual(['ct109/container-identity/bulma-finance'])
    expect(get(timer).args.interpreter[0]).toBe('sh')
    expect(get(timer).args.stdin).toBeUndefined()
  })

  it('quote whatever the configuration holds', () => {
    const { get } = world(nothing, { hostDataDir: "/mnt/it's $(touch pwned)/b" })
    const { stdin = '' } = get(timer).args
    expect(stdin).toContain(`folder='/mnt/it'\\''s $(touch pwned)/b'\n`)
  })

  it('know the lease that would keep them away, where a login could be in their way', () => {
    const { all } = world(nothing, { hostRoot: '.lab/z2' })
    const leases = all.flatMap(({ name, args }) => {
      const lease = /^lease='(.*)'$/m.exec(args.stdin ?? '')?.[1]
      return lease ? [`${name} ${lease}`] : []
    })
    expect(leases.sort()).toEqual([
      'ct109/last-poll/monzo /run/bulma-infra/monzo.lease',
      'ct109/last-poll/truelayer /run/bulma-infra/truelayer.lease',
      'ct109/timer/bulma-poll-monzo.timer /run/bulma-infra/monzo.lease',
      'ct109/timer/bulma-poll-truelayer.timer /run/bulma-infra/truelayer.lease',
      'z2/credentials-file/monzo_credentials.json /run/bulma-infra/monzo.lease',
      'z2/token-file/tokens_monzo.json /run/bulma-infra/monzo.lease',
      'z2/token-file/tokens_truelayer.json /run/bulma-infra/truelayer.lease',
    ])
  })

  it('call the repair on the last line, so that a script that was cut short runs nothing', () => {
    for (const { args } of world(nothing).all)
      if (args.stdin) expect(args.stdin.endsWith('\nmain\n')).toBe(true)
  })
})

describe('what the program says beside its resources', () => {
  const { findings } = world((seen) => {
    stopTimer(seen)
    seen.mac.monzo.token = { state: 'file', mode: 0o600, json: true }
  })

  it('is everything that differs in a preview, with the page of the runbook', () => {
    expect(messages(findings, true)).toEqual([
      'ct109 timer bulma-poll-monzo.timer: enabled, inactive; must be: enabled, active, next run within 15 min. docs/runbook/monzo.md#timer',
      'mac transit copy tokens_monzo.json: in ~/Sandpit/hinata-sandpit/data/bulma; must be: absent. docs/runbook/monzo.md#mac-copy\n  next: npm run verify -- monzo',
    ])
  })

  it('is only what needs a person in an update', () => {
    expect(messages(findings, false).map((text) => text.split(' ')[0])).toEqual(['mac'])
  })
})
