import { expect, test } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { commitProblem } from '../../lib/login/commit-problem.ts'
import { exchangeProblem } from '../../lib/login/exchange-problem.ts'
import { judgePoll, type Polled, pollProblem } from '../../lib/login/poll-outcome.ts'

const polled = (changes: Partial<Polled>): Polled => ({
  running: false,
  ran: true,
  result: 'success',
  events: [],
  transactions: null,
  lines: [],
  ...changes,
})
const event = (kind: Polled['events'][number]['kind']) => ({ kind, time: null })

test.each<[string, Bank, Partial<Polled>, object]>([
  [
    'counted transactions are a good poll',
    'monzo',
    { events: [event('transactions'), event('done')], transactions: 12 },
    { kind: 'good', says: '12 transactions, no 401' },
  ],
  [
    'a poll without a refresh is good while the access token is fresh',
    'truelayer',
    { events: [event('transactions'), event('updated')], transactions: 21 },
    { kind: 'good', says: '21 transactions, no invalid_grant' },
  ],
  [
    'a 403 of Monzo is the missing approval, though the service ended well',
    'monzo',
    { events: [event('forbidden')] },
    { kind: 'approval' },
  ],
  [
    'a 401 of Monzo is a dead token',
    'monzo',
    { events: [event('bad-refresh-token')], result: 'exit-code' },
    { kind: 'dead' },
  ],
  [
    'invalid_grant is a dead token',
    'truelayer',
    { events: [event('invalid-grant')], result: 'exit-code' },
    { kind: 'dead' },
  ],
  [
    'a network error is trouble, and the last line says which',
    'monzo',
    { events: [event('trouble')], lines: ['2026 network error: refused'] },
    { kind: 'trouble', says: '2026 network error: refused' },
  ],
  ['sca_exceeded is not an auth failure', 'truelayer', { events: [event('sca-exceeded')] }, { kind: 'good' }],
  ['silence is never good', 'monzo', {}, { kind: 'trouble', says: 'it wrote nothing to its log' }],
  [
    '"done" alone is never good',
    'monzo',
    { events: [event('done')], lines: ['done'] },
    { kind: 'trouble', says: 'done' },
  ],
  [
    'a good line before a failed service is not a good poll',
    'monzo',
    { events: [event('transactions')], transactions: 3, result: 'exit-code', lines: ['x'] },
    { kind: 'trouble' },
  ],
  [
    'a service that did not run is trouble',
    'monzo',
    { ran: false },
    { kind: 'trouble', says: 'the service was started and did not run' },
  ],
])('%s', (_, bank, changes, expected) => {
  expect(judgePoll(bank, polled(changes))).toMatchObject(expected)
})

test('after a poll that proves nothing the copy on this Mac is kept, and the message says so', () => {
  const { lines } = pollProblem('monzo', 'z2', { kind: 'dead', says: 'HTTP 401' })
  expect(lines).toEqual({
    what: 'the poll with the new tokens says that they are dead',
    why: 'HTTP 401',
    next: 'npm run verify -- monzo; if it says so again, npm run reauth -- monzo --new-login',
    left: 'the tokens are on ct109 and its timer runs; the copy on this Mac is kept until a poll is good',
  })
  expect(pollProblem('truelayer', 'lab', { kind: 'trouble', says: 'HTTP 503' }).lines.what).toMatch(
    /not with the tokens/,
  )
})

test('a commit that z2 refused says why, and that both sides are whole', () => {
  expect(commitProblem('truelayer', 'z2', 'upload', 'tokens: another sum').lines).toEqual({
    what: 'the tokens were not put in place on z2',
    why: 'what arrived on z2 is not what was sent: tokens: another sum',
    next: 'npm run push -- truelayer',
    left: 'the login lies on this Mac, whole; z2 keeps what it had',
  })
})

test('only a lost exchange asks for another login of Monzo over what may be left of the chain', () => {
  const lost = exchangeProblem('monzo', 'z2', { kind: 'lost', says: 'connection reset' })
  expect(lost.lines.what).toBe('the login was lost, log in again')
  expect(lost.lines.left).toMatch(/may have ended with it/)
  expect(lost.exitCode).toBe(4)
  const refused = exchangeProblem('monzo', 'z2', {
    kind: 'refused',
    says: 'invalid_grant',
    code: 'invalid_grant',
  })
  expect(refused.lines.left).toMatch(/should the code have been used elsewhere, the chain on ct109 ended/)
  expect(refused.exitCode).toBe(1)
  const client = exchangeProblem('truelayer', 'lab', { kind: 'config', says: 'invalid_client' })
  expect(client.lines.left).toMatch(/another login would not help/)
  expect(client.exitCode).toBe(64)
})

test('trouble after the bank was asked does not claim that the chain on ct109 is untouched', () => {
  const left = (sent: boolean) =>
    exchangeProblem('monzo', 'z2', { kind: 'trouble', says: 'HTTP 504', sent }).lines.left
  expect(left(true)).toMatch(/no tokens arrived; the chain on ct109 may have ended/)
  expect(left(false)).toMatch(/untouched/)
})

test('a login that the bank ended in the browser never got as far as the chain on ct109', () => {
  const denied = { kind: 'refused', says: 'access_denied', code: 'access_denied' } as const
  expect(exchangeProblem('monzo', 'z2', denied, false).lines.left).toMatch(/untouched/)
  expect(exchangeProblem('truelayer', 'z2', denied).lines.left).toMatch(/untouched/)
})
