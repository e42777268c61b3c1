import type { DoctorVerdict } from './doctor-verdict.ts'
import type { Bank } from './invariant.ts'

const noLogin = 'log in again: it would throw a good token away'

/** What each verdict means, and what must not be done, where it would do harm. */
export const meaning: Record<DoctorVerdict, { why: (bank: Bank) => string; dont?: string }> = {
  unreachable: { why: () => 'nothing was looked at, so nothing is known' },
  'not-pushed': {
    why: () => 'z2 must get what is on this Mac; it may be the only chain that lives',
    dont: 'log in again: it would end the login that waits here',
  },
  'reauth-running': {
    why: () => 'a login is under way; until it is done the timer may stand still',
    dont: 'log in as well: one login ends the other',
  },
  unknown: { why: () => 'it could not be looked at, so nothing is known' },
  'container-down': {
    why: () => 'both pollers live in the container; nothing polls until it is as documented',
  },
  'tokens-missing': { why: () => 'without its token file the poller cannot reach the bank' },
  'tokens-unreadable': {
    why: () => 'the poller cannot use its token file; the token itself may be good',
    dont: noLogin,
  },
  'refresh-dead': {
    why: (bank) => `${bank} does not take the refresh token any more; only a login makes a new one`,
  },
  'approval-pending': {
    why: () => 'the token is good; Monzo waits for your approval in its app',
    dont: 'log in again: it would throw this token away',
  },
  'approval-lapsed': {
    why: () => 'nobody approved within a day of the login; where the prompt is gone, a login makes a new one',
  },
  'timer-stopped': { why: () => 'nothing polls; the tokens have nothing to do with it', dont: noLogin },
  stalled: { why: () => 'the timer fires and yet no poll says anything; look at the service' },
  'poll-failed': { why: () => 'the service failed, and not for want of a token', dont: noLogin },
  'bank-trouble': { why: () => 'the network or the bank, not the token; it passes by itself', dont: noLogin },
  'consent-ending': { why: () => 'polls run fine; the consent ends soon, and a login now costs no outage' },
  healthy: { why: () => 'polls run as they should' },
}
