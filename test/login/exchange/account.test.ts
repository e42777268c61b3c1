import { describe, expect, it } from 'vitest'
import {
  compareAccounts,
  consentEnd,
  monzoIdentity,
  parseAccounts,
  truelayerIdentity,
} from '../../../lib/login/account.ts'

const fingerprint = (text: string): string => `<${text}>`
const account = (
  number: object | null,
  provider = { provider_id: 'ob-natwest', display_name: 'NatWest' },
) => ({
  account_id: 'changes every time',
  account_number: number,
  provider,
})
const identity = (...accounts: object[]) =>
  truelayerIdentity(parseAccounts({ results: accounts }) ?? [], fingerprint)

describe('whose login it is', () => {
  it('Monzo: by the user id, of which four characters are shown', () => {
    expect(monzoIdentity('user_00009abcDEF', fingerprint)).toEqual({
      account: ['<monzo user_00009abcDEF>'],
      shown: 'Monzo, user id ending cDEF',
    })
  })

  it('TrueLayer: by bank, sort code and number, however they are written, in a fixed order', () => {
    const one = { sort_code: '60-00-01', number: '12342002' }
    const other = { sort_code: '600001', number: '1234 2001' }
    expect(identity(account(one), account(other), account(one))).toEqual({
      account: ['<truelayer ob-natwest 600001 12342001>', '<truelayer ob-natwest 600001 12342002>'],
      shown: 'NatWest, accounts ending 2001 and 2002',
    })
    expect(identity(account(one)).shown).toBe('NatWest, account ending 2002')
  })

  it('TrueLayer: by IBAN where there is no sort code, and by nothing else', () => {
    expect(
      identity(account({ iban: 'GB33 NWBK 6000 0112 3420 01' }), account({ swift_bic: 'X' }), account(null)),
    ).toEqual({
      account: ['<truelayer ob-natwest GB33NWBK60000112342001>'],
      shown: 'NatWest, account ending 2001',
    })
    expect(identity()).toEqual({ account: [], shown: 'TrueLayer, no account that has a number' })
  })

  it('an answer of another shape is no list of accounts', () => {
    for (const value of [null, {}, { results: {} }, { results: [{}] }])
      expect(parseAccounts(value)).toBeNull()
  })

  it('the end of the consent is what the bank says', () => {
    expect(consentEnd({ results: [{ consent_expires_at: '2027-02-20T07:00:00.5Z' }] })).toBe(
      Date.parse('2027-02-20T07:00:00Z') / 1000,
    )
    for (const value of [
      null,
      { results: [] },
      { results: [{}] },
      { results: [{ consent_expires_at: 'soon' }] },
    ])
      expect(consentEnd(value)).toBeNull()
  })
})

describe('the same account as before', () => {
  it.each([
    ['the same', ['a', 'b'], ['b', 'a'], 'same', 'same'],
    ['an account more', ['a'], ['a', 'b'], 'same', 'same'],
    ['an account less', ['a', 'b'], ['a'], 'ask', 'other'],
    ['one gone, one new', ['a', 'b'], ['a', 'c'], 'ask', 'other'],
    ['nothing in common', ['a'], ['b'], 'other', 'other'],
    ['nothing known before', [], ['a'], 'unknown', 'unknown'],
    ['nothing named now', ['a'], [], 'unknown', 'unknown'],
  ] as const)('%s', (_what, recorded, found, truelayer, monzo) => {
    expect(compareAccounts('truelayer', recorded, found)).toBe(truelayer)
    expect(compareAccounts('monzo', recorded, found)).toBe(monzo)
  })
})
