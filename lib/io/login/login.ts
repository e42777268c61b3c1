import type { Config } from '../../config.ts'
import type { Bank } from '../../invariant.ts'
import type { Credentials } from './credentials.ts'
import type { Endpoints } from './endpoint.ts'
import type { Hold } from './hold.ts'
import type { Interruption } from './interruption.ts'
import type { JournalFile } from './journal-file.ts'
import type { LoginFlags } from './login-arguments.ts'
import type { Terminal } from './terminal.ts'
import type { Z2 } from './z2.ts'

/** Everything that the steps of one login share, before the lease is held. */
export type Ready = {
  bank: Bank
  config: Config
  project: string
  /** the bank's folder on this Mac, as a path */
  folder: string
  endpoints: Endpoints
  z2: Z2
  journal: JournalFile
  terminal: Terminal
  interruption: Interruption
  flags: LoginFlags
}

/** The same once nobody else may log in at this bank. */
export type Login = Ready & { hold: Hold; credentials(): Credentials }

export const bankName: Record<Bank, string> = { monzo: 'Monzo', truelayer: 'TrueLayer' }
