import { z } from 'zod'

/** What a poller's token file holds; times are epoch seconds. */
export const tokenFile = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_at: z.number(),
  full_auth_at: z.number().optional(),
})
export type TokenFile = z.infer<typeof tokenFile>

/** How a login without a browser goes. */
export const loginTerms = z.strictObject({
  /** e-mail address or customer number; another one is another person */
  who: z.string().optional(),
  /** already approved in the app; Monzo only. Without it the knob `approve` decides */
  approved: z.boolean().optional(),
  /** how long ago it was */
  daysOld: z.number().min(0).optional(),
})
export type LoginTerms = z.infer<typeof loginTerms>
