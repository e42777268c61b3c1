import type { Bank } from '../world.ts'

/** Every made-up secret starts like this, so that a test can search for it in whatever was written. */
export const prefix = 'simulated-'

const made = (what: string): string => `${prefix}${what}-3f1c9a7be5d24068`

/** The chain that CT109 holds. */
export const tokens: Record<Bank, { refresh: string; access: string }> = {
  monzo: { refresh: made('refresh-token-monzo-of-ct109'), access: made('access-token-monzo-of-ct109') },
  truelayer: {
    refresh: made('refresh-token-truelayer-of-ct109'),
    access: made('access-token-truelayer-of-ct109'),
  },
}

/** A login that waits on the Mac. */
export const transitTokens: Record<Bank, { refresh: string; access: string }> = {
  monzo: { refresh: made('refresh-token-monzo-on-the-mac'), access: made('access-token-monzo-on-the-mac') },
  truelayer: {
    refresh: made('refresh-token-truelayer-on-the-mac'),
    access: made('access-token-truelayer-on-the-mac'),
  },
}

export const clientSecrets: Record<Bank, string> = {
  monzo: made('client-secret-monzo'),
  truelayer: made('client-secret-truelayer'),
}

/** Everything that must never be seen outside the files it lives in. */
export const secrets: string[] = [
  ...[tokens, transitTokens].flatMap((chains) =>
    Object.values(chains).flatMap(({ refresh, access }) => [refresh, access]),
  ),
  ...Object.values(clientSecrets),
]
