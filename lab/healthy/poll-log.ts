import type { Bank, BankAnswer, World } from '../world.ts'
import { dataFolder } from './token-file.ts'

const minuteMs = 60_000
/** the pollers' interval */
const intervalMs = 15 * minuteMs
/** a poll a few minutes ago: neither just now nor overdue */
const lastPollMs = 4 * minuteMs
/** the container's root, as the host sees it */
export const mappedRoot = 100_000

export const logPath = (bank: Bank): string => `${dataFolder}/poll-${bank}.log`
export const accountsPath = `${dataFolder}/credit-accounts.json`

/** `2026-11-22 04:15:03`, UTC */
const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ')

const said: Record<Bank, Record<BankAnswer, string[]>> = {
  monzo: {
    healthy: ['tokens loaded', 'refresh ok', '2 accounts, 14 transactions, total -83.20 GBP', 'done'],
    dead: [
      'tokens loaded',
      'refresh failed: HTTP 401: {"code":"unauthorized.bad_refresh_token","message":"Bad refresh token"}',
    ],
    pending: ['tokens loaded', 'HTTP 403: Forbidden on /accounts'],
    unreachable: ['tokens loaded', 'network error: api.monzo.com: Temporary failure in name resolution'],
  },
  truelayer: {
    healthy: [
      'tokens loaded',
      'refresh ok',
      '3 accounts, 21 transactions, total -412.07 GBP',
      'credit-accounts.json updated',
      'done',
    ],
    dead: ['tokens loaded', 'refresh failed: HTTP 400: {"error":"invalid_grant"}'],
    pending: ['tokens loaded', 'HTTP 403: {"error":"sca_exceeded"}'],
    unreachable: ['tokens loaded', 'network error: auth.truelayer.com: Temporary failure in name resolution'],
  },
}

/** What one poll writes. The same lines are in the simulated poller. */
export const pollLines = (bank: Bank, answer: BankAnswer, at: Date): string =>
  said[bank][answer].map((line) => `${stamp(at)} ${line}\n`).join('')

/** The last poll of a lab, counted from now. */
export const lastPoll = (now: Date): Date => new Date(now.getTime() - lastPollMs)

/** A log of `polls` polls, oldest first, that ends at `last`; the latest `tail` of them went as `answer` says. */
export function logText(bank: Bank, last: Date, answer: BankAnswer = 'healthy', tail = 1, polls = 8): string {
  return Array.from({ length: polls }, (_, index) => {
    const back = polls - 1 - index
    const at = new Date(last.getTime() - back * intervalMs)
    return pollLines(bank, back < tail ? answer : 'healthy', at)
  }).join('')
}

export function writeLog(world: World, bank: Bank, text: string, at: Date): void {
  world.write('z2', logPath(bank), text, { mode: 0o644, owner: mappedRoot, at })
}

/** The log, the outcome of the service and the bank as they are when all is well. */
export function healthyPoll(world: World, bank: Bank): void {
  const at = lastPoll(world.now())
  writeLog(world, bank, logText(bank, at), at)
  world.bank(bank, 'healthy')
  world.ended(`bulma-poll-${bank}.service`, 'success', at)
}

export function healthyAccounts(world: World): void {
  const text = `${JSON.stringify({ accounts: 3, updated: stamp(lastPoll(world.now())) })}\n`
  world.write('z2', accountsPath, text, { mode: 0o644, owner: mappedRoot, at: lastPoll(world.now()) })
}
