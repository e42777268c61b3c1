import { expect } from 'vitest'
import type { Bank } from '../../../lib/invariant.ts'
import { recoverExchange } from '../../../lib/io/login/recover.ts'
import type { ExchangePlace } from './exchange-place.ts'

export type Truth = 'pending' | 'none' | 'lost'

/**
 * Asks the disk what became of an exchange, twice, and holds the answer against what the bank knows: tokens that arrived
 * are never called lost, tokens that were given are never denied, and what waits is the live chain.
 */
export async function truth(place: ExchangePlace, bank: Bank): Promise<Truth> {
  const found = await recoverExchange(bank, place.folder)
  expect(await recoverExchange(bank, place.folder)).toEqual(found)
  const given = place.exchanged(bank)
  const live = place.banks[bank].liveRefresh()
  const isOnDisk = place.files().some(({ text }) => live !== undefined && text.includes(live))
  if (found.kind === 'pending') expect([place.waiting(bank), given]).toEqual([live, 1])
  if (found.kind === 'none') expect(given).toBe(0)
  if (found.kind === 'lost') expect(isOnDisk).toBe(false)
  expect(place.files().filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([])
  return found.kind === 'quarantined' ? expect.unreachable('nothing was wrong with the answer') : found.kind
}
