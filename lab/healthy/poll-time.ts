import type { Bank } from '../world.ts'

const minuteMs = 60_000
/** the pollers' interval */
export const intervalMs = 15 * minuteMs
/** a poll a few minutes ago: neither just now nor overdue */
const lastPollMs = 4 * minuteMs
/** how many polls the log of a healthy lab tells of: two hours */
export const loggedPolls = 8
/** how long an access token lives at each bank */
const accessMs: Record<Bank, number> = { monzo: 360 * minuteMs, truelayer: 60 * minuteMs }
/** how many polls before the last one found the access token over: Monzo's did before the log begins */
const refreshedBack: Record<Bank, number> = { monzo: 12, truelayer: 3 }

/** The last poll of a lab, counted from now. */
export const lastPoll = (now: Date): Date => new Date(now.getTime() - lastPollMs)

/** When the tokens on Z2 were rotated last. */
export const rotatedAt = (bank: Bank, now: Date): Date =>
  new Date(lastPoll(now).getTime() - refreshedBack[bank] * intervalMs)

/** When the access token that came with it is over. */
export const freshUntil = (bank: Bank, now: Date): Date =>
  new Date(rotatedAt(bank, now).getTime() + accessMs[bank])

/** Did the poll so many polls before the last one find the access token over? */
export const isRefresh = (bank: Bank, back: number): boolean =>
  back % (accessMs[bank] / intervalMs) === refreshedBack[bank]
