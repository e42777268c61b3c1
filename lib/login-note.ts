import type { Config } from './config.ts'
import type { Bank } from './invariant.ts'

// Where Z2 keeps what it knows of logins, and which keys of it may leave the host.

/** The paths of a bank's lease and record, without the host's root. */
export const notePaths = ({ runDir, stateDir }: Config, bank: Bank): { lease: string; record: string } => ({
  lease: `${runDir}/${bank}.lease`,
  record: `${stateDir}/${bank}.json`,
})

export const leaseKeys = ['holder', 'pid', 'login', 'since', 'deadline']
export const recordKeys = ['login', 'refresh', 'account', 'loggedInAt', 'consentEnd', 'committedAt']
