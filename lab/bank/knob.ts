import { z } from 'zod'

const ms = z.number().int().min(0)
/** how often a trouble strikes before it is over by itself; absent: until it is taken away */
const times = z.number().int().min(1).optional()
/** token: exchange and refresh; data: everything with an access token */
const on = z.enum(['token', 'data', 'any']).default('any')

const shared = [
  // The bank has done what was asked (rotated!) and the client never sees the reply.
  z.object({ how: z.literal('dropConnectionAfterProcessing'), on, times }),
  z.object({ how: z.literal('dropConnectionBeforeProcessing'), on, times }),
  // Half of the reply's body, then the end of the connection.
  z.object({ how: z.literal('cutReply'), on, times }),
  // The reply waits; what was asked is done at once.
  z.object({ how: z.literal('slow'), ms, on, times }),
  z.object({ how: z.literal('notJson'), on, times }),
] as const

const monzoTrouble = z.discriminatedUnion('how', [
  ...shared,
  z.object({ how: z.enum(['429', '500', '504', 'html503']), on, times }),
])

const truelayerTrouble = z.discriminatedUnion('how', [
  ...shared,
  z.object({
    how: z.enum([
      'html502',
      'internal_server_error',
      'invalid_grant',
      'invalid_grant_described',
      'access_denied',
      'sca_exceeded',
      'provider_too_many_requests',
      'provider_request_limit_exceeded',
      'provider_error',
      'temporarily_unavailable',
      'connector_overload',
      'provider_timeout',
      'connector_timeout',
      'endpoint_not_supported',
    ]),
    on,
    times,
  }),
])

const minuteMs = 60_000

/** What the callback gets wrong: a state that is not ours, no code, or an error instead of one. */
const callback = {
  wrongState: z.boolean().default(false),
  withoutCode: z.boolean().default(false),
  codeTtlMs: ms.default(5 * minuteMs),
}

export const monzoKnobs = z.strictObject({
  /** when the app approval comes: after so many milliseconds, never, or by hand on the page /app */
  approve: z.union([ms, z.literal('never'), z.literal('manual')]).default('manual'),
  /** for how long after a login more than 90 days of history are open */
  windowMs: ms.default(5 * minuteMs),
  accessTtlMs: ms.default(21_600_000),
  nonConfidential: z.boolean().default(false),
  omitRefreshToken: z.boolean().default(false),
  /** in which of Monzo's two families a dead refresh token is refused */
  errors: z.enum(['developer', 'open-banking']).default('developer'),
  ...callback,
  trouble: z.array(monzoTrouble).default([]),
})

export const truelayerKnobs = z.strictObject({
  refresh: z.enum(['rotate', 'same', 'omit']).default('rotate'),
  describeInvalidGrant: z.boolean().default(false),
  accessTtlMs: ms.default(3_600_000),
  /** for how long after a login more than 90 days of history are open [T: about an hour at NatWest] */
  windowMs: ms.default(60 * minuteMs),
  extend: z
    .enum(['no_action_needed', 'authentication_needed', 'reconfirmation_of_consent_needed'])
    .default('no_action_needed'),
  /** an error in the place of the code, such as `access_denied` */
  redirectError: z.string().nullable().default(null),
  formPost: z.boolean().default(false),
  ...callback,
  trouble: z.array(truelayerTrouble).default([]),
})

export type MonzoKnobs = z.infer<typeof monzoKnobs>
export type TruelayerKnobs = z.infer<typeof truelayerKnobs>
export type Trouble = MonzoKnobs['trouble'][number] | TruelayerKnobs['trouble'][number]
export type Knobs = {
  trouble: Trouble[]
  wrongState: boolean
  withoutCode: boolean
  codeTtlMs: number
  accessTtlMs: number
}
