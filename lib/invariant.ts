import type { Config } from './config.ts'

/** The two banks, as they are named in commands and units. */
export type Bank = 'monzo' | 'truelayer'

/** Which machine an invariant speaks of. A component of the stack carries the same name. */
export type Place = 'z2' | 'ct109' | 'mac'

/**
 * Repairs that must follow one another share a chain: at most one session each, one flock each.
 * `person` is for what `up` never repairs.
 */
export type Chain = 'container' | 'address' | 'legacy-morning' | 'legacy-evening' | Bank | 'person'

type Base = {
  /** what a person and the state call it: `<place>/<kind>/<name>` */
  id: string
  place: Place
  name: string
  chain: Chain
  /** one clause that says what breaks without it */
  why: string
  /** `<page>#<anchor>` below docs/runbook */
  runbook: string
}

/** Everything that can be told apart by how it is observed, judged and repaired. */
export type Invariant =
  | (Base & { kind: 'container-identity' })
  | (Base & { kind: 'container' })
  | (Base & { kind: 'address'; address: string })
  | (Base & { kind: 'bind-mount' })
  | (Base & { kind: 'data-folder' })
  | (Base & { kind: 'token-file'; bank: Bank })
  | (Base & { kind: 'token-age'; bank: Bank; maxDays: number })
  | (Base & { kind: 'credentials-file'; bank: Bank })
  | (Base & { kind: 'timer'; bank: Bank; service: string; everyMinutes: number })
  | (Base & { kind: 'last-poll'; bank: Bank; service: string; timer: string; log: string })
  | (Base & { kind: 'legacy-unit' })
  | (Base & { kind: 'transit-copy'; bank: Bank })

export type Kind = Invariant['kind']
export type InvariantOf<K extends Kind> = Extract<Invariant, { kind: K }>

/** What must be true, and what it was made from. Ids are unique. */
export type Declaration = { config: Config; invariants: Invariant[] }

/** The Mac's folder of a bank, as configured, with `~` unexpanded. */
export function macDir(config: Config, bank: Bank): string {
  return bank === 'monzo' ? config.macMonzoDir : config.macTruelayerDir
}

/** The names of a bank's two files; the pollers and the old scripts use the same. */
export const fileNames: Record<Bank, { token: string; credentials: string }> = {
  monzo: { token: 'tokens_monzo.json', credentials: 'monzo_credentials.json' },
  truelayer: { token: 'tokens_truelayer.json', credentials: 'truelayer_credentials.json' },
}
