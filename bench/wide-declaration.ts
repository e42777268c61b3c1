import type { Config } from '../lib/config.ts'
import type { Declaration, Invariant } from '../lib/invariant.ts'
import { ct109 } from '../stacks/ct109.ts'
import { mac } from '../stacks/mac.ts'
import { z2 } from '../stacks/z2.ts'

// Takes the place of stacks/declaration.ts in a checkout of the bench: the same invariants and many more of their kinds.

/** All invariants together. */
export const wideCount = 200

const legacyUnit = (number: number): Invariant => {
  const name = `hinata-poll-truelayer-${number}.${number % 2 === 0 ? 'timer' : 'service'}`
  const shared = {
    place: 'z2',
    chain: 'legacy-morning',
    why: 'many of a kind',
    runbook: 'truelayer#former-units',
  } as const
  return { ...shared, id: `z2/legacy-unit/${name}`, kind: 'legacy-unit', name }
}

/** The name of the token file with this number, beside the real ones. */
export const wideTokenFile = (number: number): string => `tokens_monzo-${number}.json`

const tokenFile = (number: number): Invariant => {
  const name = wideTokenFile(number)
  const shared = { place: 'z2', chain: 'monzo', why: 'many of a kind', runbook: 'monzo#token-file' } as const
  return { ...shared, id: `z2/token-file/${name}`, kind: 'token-file', bank: 'monzo', name }
}

/** As many units as files, until there are enough. */
export function declare(config: Config): Declaration {
  const real = [...ct109(config), ...z2(config), ...mac()]
  const more = Array.from({ length: wideCount - real.length }, (_, number) =>
    number % 2 === 0 ? legacyUnit(number) : tokenFile(number),
  )
  return { config, invariants: [...real, ...more] }
}
