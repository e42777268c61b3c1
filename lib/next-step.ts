import type { Bank } from './invariant.ts'

// What only a person can do, in one place, so that every report says the same.

/** Log in at the bank again. */
export const logIn = (bank: Bank): string => `follow docs/runbook/${bank}.md#log-in-again`

/** Bring a login that waits on the Mac to Z2. */
export const push = (bank: Bank): string => `follow docs/runbook/${bank}.md#push`

/** Look whether the poll is good, then finish what is left on the Mac. */
export const verify = (bank: Bank): string => `follow docs/runbook/${bank}.md#verify`

/** Tap the approval in the bank's app. */
export const approve = 'open the Monzo app and approve: the prompt sits in the feed. do not log in again'
