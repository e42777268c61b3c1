import * as z from 'zod/mini'

// The part of the configuration that only a login reads, and the forms that all of it is made of.

// A path may hold spaces and quotes, since every use of it is quoted, but no control character: one record is one line.
export const line = z.string().check(z.regex(/^\P{Cc}*$/u, 'must not hold control characters'))
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })
/** A whole number within limits. */
export const count = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most))
/** A key that may be left out. */
export const withDefault = <T extends z.core.SomeType>(type: T, value: z.core.output<T>) =>
  z._default(type, value as never)

/** Monzo's addresses; its redirect URI has no documented default. */
export const monzo = z.strictObject({
  authorizationEndpoint: withDefault(url, 'https://auth.monzo.com/'),
  tokenEndpoint: withDefault(url, 'https://api.monzo.com/oauth2/token'),
  apiUrl: withDefault(url, 'https://api.monzo.com'),
  redirectUri: z.optional(url),
})

/** TrueLayer's addresses and what is asked of NatWest. */
export const truelayer = z.strictObject({
  authorizationEndpoint: withDefault(url, 'https://auth.truelayer.com/'),
  tokenEndpoint: withDefault(url, 'https://auth.truelayer.com/connect/token'),
  apiUrl: withDefault(url, 'https://api.truelayer.com/data/v1'),
  redirectUri: withDefault(url, 'http://localhost:5001/truelayer/callback'),
  scopes: withDefault(line, 'info accounts balance cards transactions offline_access'),
  providers: withDefault(line, 'uk-ob-natwest'),
  pkce: withDefault(z.boolean(), false),
})

/** How long each step of a login may take. */
export const login = z.strictObject({
  /** seconds that a person has for the login in the browser */
  loginSeconds: withDefault(count(10, 3600), 600),
  /** seconds that a poll which is running may take to end, before the login is given up */
  idleSeconds: withDefault(count(5, 900), 180),
  /** seconds to wait for the tap in the bank's app */
  approvalSeconds: withDefault(count(1, 3600), 300),
  /** seconds after which Z2 starts the poll timer by itself when this program has vanished */
  switchSeconds: withDefault(count(5, 3600), 600),
  /** seconds that the lease holds without being renewed */
  leaseSeconds: withDefault(count(5, 3600), 90),
  /** seconds to try to reach Z2 again once the bank has sent the browser back */
  reachSeconds: withDefault(count(1, 600), 60),
})
