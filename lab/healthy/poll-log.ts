import type { Bank, BankAnswer, World } from '../world.ts'
import { intervalMs, isRefresh, lastPoll, loggedPolls } from './poll-time.ts'
import { dataFolder } from './token-file.ts'

/** the container's root, as the host sees it */
export const mappedRoot = 100_000

export const logPath = (bank: Bank): string => `${dataFolder}/poll-${bank}.log`
export const accountsPath = `${dataFolder}/credit-accounts.json`

/** `2026-11-22 04:15:03`, UTC */
const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ')

// In the words of the reference poller (lab/poller), which the simulated one shares.
const network = (host: string): string => `network error: ${host}: Could not resolve host: ${host}`
const said: Record<Bank, Record<BankAnswer, string[]>> = {
  monzo: {
    healthy: ['2 accounts, 14 transactions, total -83.20 GBP', 'done'],
    dead: [
      'refresh failed: HTTP 401: {"code":"unauthorized.bad_refresh_token","message":"Bad refresh token"}',
    ],
    pending: ['HTTP 403: Forbidden on /accounts'],
    unreachable: [network('api.monzo.com')],
  },
  truelayer: {
    healthy: ['3 accounts, 21 transactions, total -412.07 GBP', 'credit-accounts.json updated', 'done'],
    dead: ['refresh failed: HTTP 400: {"error":"invalid_grant"}'],
    pending: ['HTTP 403: {"error":"sca_exceeded"}'],
    unreachable: [network('auth.truelayer.com')],
  },
}

/** What one poll writes; `refreshes`: it found the access token over and got another one. */
export function pollLines(bank: Bank, answer: BankAnswer, at: Date, refreshes: boolean): string {
  const lines = ['tokens loaded', ...(refreshes ? ['refresh ok'] : []), ...said[bank][answer]]
  return lines.map((line) => `${stamp(at)} ${line}\n`).join('')
}

/** A log of some polls, oldest first, that ends at `last`; the latest `tail` of them went as `answer` says. */
export function logText(bank: Bank, last: Date, answer: BankAnswer = 'healthy', tail = 1): string {
  return Array.from({ length: loggedPolls }, (_, index) => {
    const back = loggedPolls - 1 - index
    const at = new Date(last.getTime() - back * intervalMs)
    const isLate = back < tail
    return pollLines(bank, isLate ? answer : 'healthy', at, !isLate && isRefresh(bank, back))
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
  const credit = [{ currency: 'GBP', current: -215.1, available: -215.1 }]
  const text = `${JSON.stringify({ accounts: 3, updated: stamp(lastPoll(world.now())), credit })}\n`
  world.write('z2', accountsPath, text, { mode: 0o644, owner: mappedRoot, at: lastPoll(world.now()) })
}
