import { describe, expect, it } from 'vitest'
import type { Look } from '../../lib/outcome.ts'
import { plan } from '../../lib/plan.ts'
import { renderProblem } from '../../lib/problem.ts'
import { renderJson, renderLook } from '../../lib/report.ts'
import type { Seen } from '../../lib/seen.ts'
import { answered, healthy } from '../healthy.ts'

const look = (change: (seen: Seen) => void): Look => {
  const { declaration, seen } = healthy()
  change(seen)
  return {
    stack: 'z2',
    host: 'hinata-z2',
    container: 'ct109 bulma-finance',
    lookedAt: '2026-11-22T04:07:00.000Z',
    tookMs: 312,
    findings: plan(declaration, seen, 'z2'),
  }
}

describe('the report', () => {
  it('is one line when all holds', () => {
    expect(
      renderLook(
        look(() => undefined),
        'npm run up',
        false,
      ),
    ).toBe('hinata-z2 · ct109 bulma-finance · 21 hold · 0.3 s')
  })

  it('names a cause once and counts what hangs on it', () => {
    const text = renderLook(
      look((seen) => {
        seen.host.inside = { state: 'stopped', says: 'stopped' }
      }),
      'npm run up',
      false,
    )
    expect(text).toBe(`
hinata-z2 · ct109 bulma-finance · looked 0.3 s

  ✗ ct109  container  109
      seen   stopped, starts on boot
      want   running, starts on boot
      why    both pollers live in it             docs/runbook/monzo.md#container
      10 others hang on it

  10 hold · 1 differs · 10 wait for these

    npm run up                         mends it
`)
  })

  it('marks what could not be looked at as such, and never as holding', () => {
    const text = renderLook(
      look((seen) => {
        seen.host.inside = { state: 'unknown', why: 'pct exec did not answer in time' }
      }),
      'npm run up',
      false,
    )
    expect(text).toContain('? ct109  container  109\n      seen   pct exec did not answer in time')
    expect(text).toContain('10 hold · 1 could not be looked at · 10 wait for these')
  })

  it('is never wider than eighty columns, commands to copy aside', () => {
    const text = renderLook(
      look((seen) => {
        answered(seen).addresses = ['10.0.0.1']
        seen.mac.monzo.token = { state: 'file', mode: 0o600, json: true }
        seen.mac.truelayer.credentials = { state: 'absent' }
        for (const one of seen.host.files.values()) one.json = 'not-json'
      }),
      'npm run up',
      false,
    )
    const wide = text.split('\n').filter((line) => line.length > 80 && !line.startsWith('      next '))
    expect(wide).toEqual([])
  })

  it('uses colour only when told to', () => {
    const broken = look((seen) => {
      answered(seen).addresses = ['10.0.0.1']
    })
    expect(renderLook(broken, 'npm run up', true)).toContain('\u001b[33m!\u001b[39m')
    expect(renderLook(broken, 'npm run up', false)).not.toContain('\u001b')
  })

  it('shows no control character of a machine that lies', () => {
    const text = renderLook(
      look((seen) => {
        if (seen.host.config.state === 'here') seen.host.config.values.hostname = 'a\u001b[2Jb\u0007'
        seen.host.inside = { state: 'not-asked' }
      }),
      'npm run up',
      false,
    )
    expect(text).toContain('109 is named ab')
  })

  it('as JSON has a summary and no name that the promise does not have', () => {
    const json = JSON.parse(renderJson(look(() => undefined)))
    expect(Object.keys(json)).toEqual(['stack', 'host', 'lookedAt', 'tookMs', 'summary', 'findings'])
    expect(json.summary).toEqual({ holds: 21, differs: 0, needsPerson: 0, unknown: 0 })
  })
})

it('a problem is four aligned lines, more where a reason has more', () => {
  const lines = {
    what: 'cannot look at z2',
    why: 'one\ntwo',
    next: 'ssh z2 true',
    left: 'nothing was changed',
  }
  expect(renderProblem(lines)).toBe(`error: cannot look at z2
why:   one
       two
next:  ssh z2 true
left:  nothing was changed`)
})
