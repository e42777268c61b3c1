import { faults } from '../lab/fault/catalogue.ts'

/** The faults that break what a look looks at; the others break the look or a repair. */
export const faultsOfMachines = faults.filter(({ kind }) => kind !== 'look' && kind !== 'repair')

/** Those that a look alone does not show, and why. */
export const notSeen = new Set([
  // the container runs: nothing has to be done in it that a lock forbids
  'container-locked',
  // what it says is no fault of a bank: the poller waits, and the poll before was good
  'poll-approval-truelayer',
  'poll-running-monzo',
  'poll-running-truelayer',
  // a look reads past these
  'noisy-shell',
  'slow',
])
