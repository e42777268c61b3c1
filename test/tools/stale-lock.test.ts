import { describe, expect, it } from 'vitest'
import { renderProblem } from '../../lib/problem.ts'
import { heldBy, isStale, type Lock, parseLock, programOf } from '../../tools/stale-lock.ts'

const text = '{"pid":42,"username":"nnamdi","hostname":"mac.local","timestamp":"2026-11-22T04:12:33.5+01:00"}'
const lock = parseLock(text)

describe('a lock on a stack', () => {
  it('is read as the engine writes it', () => {
    expect(lock).toEqual({
      pid: 42,
      username: 'nnamdi',
      hostname: 'mac.local',
      timestamp: '2026-11-22T04:12:33.5+01:00',
    })
  })

  it.each(['', '{"pid":4', 'null', '[]'])(
    'that is cut short is a lock of nobody known, and not stale: %j',
    (cut) => {
      const broken = parseLock(cut)
      expect(broken).toMatchObject({ pid: 0, username: 'somebody' })
      expect(isStale(broken, 'mac.local', () => undefined)).toBe(false)
    },
  )

  it.each<[string, Partial<Lock>, string | undefined, boolean]>([
    ['its process is gone', {}, undefined, true],
    ['another program has the process id now', {}, 'Safari', true],
    ['pulumi runs', {}, 'pulumi', false],
    ['it is another machine', { hostname: 'other' }, undefined, false],
  ])('%s', (_why, more, program, wanted) => {
    expect(isStale({ ...lock, ...more }, 'mac.local', () => program)).toBe(wanted)
  })

  it('the program of a process id is known, and that there is none', () => {
    expect(programOf(process.pid)).toMatch(/node|MainThread|vitest/)
    expect(programOf(2 ** 22 + 1)).toBeUndefined()
  })

  it('is answered with who and since when', () => {
    expect(renderProblem(heldBy(lock, 'z2').lines)).toMatch(
      new RegExp(
        [
          '^error: another pulumi is at work on the stack z2',
          'why: {3}nnamdi on mac.local, process 42, since 2026-11-2\\d \\d\\d:12',
          'next: {2}let it finish; once it is certainly gone: pulumi cancel --yes z2',
          'left: {2}nothing was looked at and nothing was changed$',
        ].join('\n'),
      ),
    )
  })
})
