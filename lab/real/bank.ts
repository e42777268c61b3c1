import type { Bank } from '../world.ts'

/** The banks listen at the lab's own address on this machine, so that every lab can have the same ports. */
export const bankPorts: Record<Bank, number> = { monzo: 8401, truelayer: 8402 }
