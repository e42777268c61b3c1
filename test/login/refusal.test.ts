import { describe, expect, test } from 'vitest'
import type { Diagnosis, DoctorVerdict } from '../../lib/diagnosis.ts'
import type { Bank } from '../../lib/invariant.ts'
import { mayLogIn } from '../../lib/login/refusal.ts'
import { Problem } from '../../lib/problem.ts'

const verdict = (bank: Bank, of: DoctorVerdict, exitCode = 4, next = 'npm run up'): Diagnosis => ({
  bank,
  verdict: of,
  what: 'what was seen',
  why: 'why',
  next,
  runbook: 'docs/runbook/monzo.md#timer',
  exitCode,
})

function refusal(found: Diagnosis, anyway = false): Problem {
  try {
    mayLogIn(found, { anyway, stack: 'z2' })
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error(`${found.bank} ${found.verdict} was not refused`)
}

describe('when to run', () => {
  test.each<[Bank, DoctorVerdict]>([
    ['monzo', 'refresh-dead'],
    ['truelayer', 'refresh-dead'],
    ['truelayer', 'consent-ending'],
    ['monzo', 'tokens-missing'],
  ])('%s: %s needs a login, without a question', (bank, of) => {
    expect(mayLogIn(verdict(bank, of), { anyway: false, stack: 'z2' })).toBeNull()
  })

  test.each<[Bank, DoctorVerdict]>([
    ['monzo', 'approval-lapsed'],
    ['monzo', 'stalled'],
  ])('%s: %s allows a login after a person has looked', (bank, of) => {
    expect(mayLogIn(verdict(bank, of), { anyway: false, stack: 'z2' })?.question).toMatch(/^have you looked/)
  })
})

describe('when not to run', () => {
  const never: DoctorVerdict[] = ['container-down', 'not-pushed', 'reauth-running', 'unreachable', 'unknown']
  const refused: DoctorVerdict[] = [
    'healthy',
    'approval-pending',
    'bank-trouble',
    'timer-stopped',
    'poll-failed',
    'tokens-unreadable',
  ]

  test.each([...never, ...refused])('%s is refused, and nothing was changed', (of) => {
    const { lines, exitCode } = refusal(verdict('monzo', of))
    expect(lines.what).toBe('a Monzo login is not what is needed')
    expect(lines.left).toBe('nothing was changed')
    expect(lines.next).not.toBe('')
    expect(exitCode).toBe(4)
  })

  test.each(never)('%s is refused with --anyway too, since a login could not help', (of) => {
    refusal(verdict('truelayer', of, 3), true)
  })

  test.each(refused)('%s: --anyway goes on, and over a Monzo chain it asks once more', (of) => {
    expect(mayLogIn(verdict('monzo', of), { anyway: true, stack: 'z2' })?.question).toMatch(
      /end the chain that ct109 holds/,
    )
    expect(mayLogIn(verdict('truelayer', of), { anyway: true, stack: 'z2' })).toBeNull()
  })

  test('a silent TrueLayer poll is no reason for a login', () => {
    expect(refusal(verdict('truelayer', 'stalled')).lines.why).toMatch(/invalid_grant/)
  })

  test('a pending approval is refused with the advice to approve, exit 4', () => {
    const { lines, exitCode } = refusal(verdict('monzo', 'approval-pending'))
    expect(lines.why).toBe('accounts answers 403: the app approval is pending, the token itself is good')
    expect(lines.next).toMatch(/^open the Monzo app and approve; then npm run verify/)
    expect(exitCode).toBe(4)
  })

  test('a healthy bank is refused with exit 1, since the command did not do what it was asked', () => {
    expect(refusal(verdict('monzo', 'healthy', 0, '')).exitCode).toBe(1)
  })

  test('z2 that could not be looked at ends with 3', () => {
    expect(refusal(verdict('monzo', 'unreachable', 3)).exitCode).toBe(3)
  })
})
