import * as z from 'zod/mini'

const ms = z.int().check(z.gte(1))

const order = z.object({
  bank: z.enum(['monzo', 'truelayer']),
  /** the private folder that the reply goes to; it exists */
  folder: z.string(),
  /** the query that the browser brought back */
  parameters: z.string(),
  state: z.string(),
  redirectUri: z.string(),
  client: z.object({ id: z.string(), secret: z.string() }),
  authorizationEndpoint: z.url(),
  tokenEndpoint: z.url(),
  scopes: z.nullable(z.string()),
  verifier: z.nullable(z.string()),
  /** how long to wait for a connection, and again for the answer */
  limitMs: ms,
})

/** What the exchange's process is told, on its standard input: code and client secret are in it. */
export type ExchangeOrder = z.infer<typeof order>

/** @returns null when the text is cut short: whoever sent it is dead, and nothing is to be done */
export function parseOrder(text: string): ExchangeOrder | null {
  try {
    return order.parse(JSON.parse(text))
  } catch {
    return null // both errors would quote the text
  }
}
