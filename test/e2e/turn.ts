import { isAll, isReal } from '../run-kind.ts'

/**
 * Cases that differ in what the code does not look at, as the bank of a lease, take turns: one half on the simulation, the
 * other half on the real lab, so that `.ci/run` tries each of them; `npm run test:faults` tries all of the matrix on either.
 * @param from which half the simulation gets: tests beside each other give it one bank's and the other's
 */
export const inTurn = <Case>(cases: Case[], from = 0): Case[] =>
  isAll ? cases : cases.filter((_, at) => (at + from + Number(isReal)) % 2 === 0)
