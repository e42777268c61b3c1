import * as z from 'zod/mini'
import type { Bank } from '../invariant.ts'

/** Whose login it is, as far as may be kept and shown. */
export type Identity = {
  /** fingerprint of each account, or of Monzo's user, sorted; empty when the bank names none */
  account: string[]
  /** for the question to a person: `NatWest, accounts ending 2001 and 2002` */
  shown: string
}

type Fingerprint = (text: string) => string

/** Monzo's user: the same person has the same id at every login. */
export const monzoIdentity = (userId: string, fingerprint: Fingerprint): Identity => ({
  account: [fingerprint(`monzo ${userId}`)],
  shown: `Monzo, user id ending ${userId.slice(-4)}`,
})

const text = z.string()
const account = z.object({
  account_number: z.optional(
    z.nullable(
      z.object({
        number: z.nullish(text),
        sort_code: z.nullish(text),
        iban: z.nullish(text),
      }),
    ),
  ),
  provider: z.object({ provider_id: text, display_name: z.nullish(text) }),
})
const page = z.object({ results: z.array(account) })
export type BankAccount = z.infer<typeof account>

/** The accounts in one answer to GET /accounts; null when it is none. */
export function parseAccounts(value: unknown): BankAccount[] | null {
  const read = page.safeParse(value)
  return read.success ? read.data.results : null
}

const digits = (value: string): string => value.replace(/[\s-]/g, '')

/**
 * TrueLayer's accounts. Their ids may change from one login to the next, sort code and number do not. An account that has
 * neither those nor an IBAN tells nothing and is left out; so are cards, whose numbers the bank does not give in full.
 */
export function truelayerIdentity(accounts: BankAccount[], fingerprint: Fingerprint): Identity {
  const known = accounts.flatMap(({ account_number: is, provider }) => {
    const number =
      is?.sort_code && is.number ? `${digits(is.sort_code)} ${digits(is.number)}` : digits(is?.iban ?? '')
    return number === ''
      ? []
      : [{ number, id: provider.provider_id, name: provider.display_name || provider.provider_id }]
  })
  const names = [...new Set(known.map(({ name }) => name))].join(' and ')
  const ends = [...new Set(known.map(({ number }) => number.slice(-4)))].sort()
  return {
    account: [...new Set(known.map(({ id, number }) => fingerprint(`truelayer ${id} ${number}`)))].sort(),
    shown: known.length === 0 ? 'TrueLayer, no account that has a number' : `${names}, ${ending(ends)}`,
  }
}

const ending = (ends: string[]): string =>
  ends.length === 1
    ? `account ending ${ends[0]}`
    : `accounts ending ${ends.slice(0, -1).join(', ')} and ${ends.at(-1)}`

/** The end of a consent in an answer to GET /me, epoch seconds; null when it does not say. */
export function consentEnd(value: unknown): number | null {
  const read = z.object({ results: z.array(z.object({ consent_expires_at: z.string() })) }).safeParse(value)
  const ms = Date.parse(read.data?.results[0]?.consent_expires_at ?? '')
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000)
}

/** `same`: go on. `ask`: some of what was there is there, only a person knows why not all. `other`: another person's. `unknown`: nothing to compare. */
export type Comparison = 'same' | 'ask' | 'other' | 'unknown'

/**
 * Is this login of the same person as the one that Z2's record speaks of?
 *
 * TrueLayer: everything that was known must be there again; an account that was opened since changes nothing. One that is
 * missing may have been closed, or not been ticked at the bank, or the login is of somebody who shares a joint account: a
 * program cannot tell these apart, a person can, and it happens once in years.
 */
export function compareAccounts(
  bank: Bank,
  recorded: readonly string[],
  found: readonly string[],
): Comparison {
  if (recorded.length === 0 || found.length === 0) return 'unknown'
  const again = recorded.filter((one) => found.includes(one)).length
  if (again === recorded.length) return 'same'
  return again > 0 && bank === 'truelayer' ? 'ask' : 'other'
}
