import { describe, expect, it } from 'vitest'
import { type Journal, journalSteps, journalText, parseJournal } from '../../lib/login/journal.ts'

const journal: Journal = {
  version: 1,
  bank: 'monzo',
  login: 7,
  step: 'account-ok',
  startedAt: '2026-11-22T04:03:00.000Z',
  changedAt: '2026-11-22T05:04:00+01:00',
  refresh: '0123456789abcdef',
  account: ['00112233445566ff'],
  consentEnd: 1_803_000_000,
  before: null,
}

describe('a journal', () => {
  it('is read as it was written, on one line', () => {
    expect(parseJournal(journalText(journal))).toEqual(journal)
    expect(journalText(journal).split('\n')).toEqual([expect.any(String), ''])
  })

  it('knows the steps of a login in their order', () => {
    for (const step of journalSteps) expect(parseJournal(journalText({ ...journal, step })).step).toBe(step)
  })

  it('may have nothing yet of what the bank answers', () => {
    const begun = { ...journal, step: 'exchanging' as const, refresh: null, account: null, consentEnd: null }
    expect(parseJournal(journalText(begun))).toEqual(begun)
  })

  it.each<[Record<string, unknown>, string]>([
    [{ version: 2 }, 'version must be 1'],
    [{ bank: 'barclays' }, 'bank must be monzo or truelayer'],
    [{ login: 0 }, 'login must be at least 1'],
    [{ login: '7' }, 'login is missing or has another type'],
    [{ step: 'done' }, 'step must be one of exchanging, tokens-on-mac, account-ok, committed, polled'],
    [{ startedAt: 'yesterday' }, 'startedAt must be an ISO time'],
    [{ changedAt: undefined }, 'changedAt must be an ISO time'],
    [{ refresh: 'a-refresh-token' }, 'refresh must be 16 hex digits'],
    [{ account: ['acc_1'] }, 'account.0 must be 16 hex digits'],
    [{ consentEnd: '2027' }, 'consentEnd is missing or has another type'],
    [{ before: undefined }, 'before is missing or has another type'],
  ])('with %o is refused, by the name of the field and without its value', (change, why) => {
    expect(() => parseJournal(JSON.stringify({ ...journal, ...change }))).toThrow(new Error(why))
  })

  it.each([
    ['', 'it is not JSON'],
    [journalText(journal).slice(0, 90), 'it is not JSON'],
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
  ])('that is %j is refused', (text, why) => {
    expect(() => parseJournal(text)).toThrow(new Error(why))
  })
})
