import * as z from 'zod/mini'

// What the bank answered to the exchange of a code, as it is kept on the Mac's disk: first in `<bank>.exchange`, whole and
// not looked at, then under the name `<bank>.pending.json`. It holds everything that a token file is made of.

const storedReply = z.object({
  version: z.literal(1),
  bank: z.enum(['monzo', 'truelayer']),
  /** the client that asked */
  clientId: z.string(),
  /** what was asked for, separated by spaces; null where a bank knows no scopes */
  scopes: z.nullable(z.string()),
  status: z.int(),
  contentType: z.nullable(z.string()),
  /** the bank's Date header */
  date: z.nullable(z.string()),
  /** ms since 1970 by this machine's clock, for a bank that sends no Date */
  receivedAt: z.number(),
  /** false: the connection ended before the reply did */
  whole: z.boolean(),
  /** of `body`: text as received, or base64 where the bytes are no UTF-8 */
  encoding: z.enum(['utf8', 'base64']),
  body: z.string(),
})
export type StoredReply = z.infer<typeof storedReply>

/** The body of a reply as it goes into a StoredReply: no byte of it is changed. */
export function bodyOf(bytes: Buffer): Pick<StoredReply, 'encoding' | 'body'> {
  const body = bytes.toString('utf8')
  return Buffer.from(body, 'utf8').equals(bytes)
    ? { encoding: 'utf8', body }
    : { encoding: 'base64', body: bytes.toString('base64') }
}

/** The body as the bank sent it, read as UTF-8. */
export const bodyText = ({ encoding, body }: StoredReply): string =>
  encoding === 'utf8' ? body : Buffer.from(body, 'base64').toString('utf8')

export const storedText = (reply: StoredReply): string => `${JSON.stringify(reply)}\n`

/** @returns null when the text is not the whole of a stored reply: torn by a crash, or something else */
export function parseStoredReply(text: string): StoredReply | null {
  const result = storedReply.safeParse(jsonObject(text))
  return result.success ? result.data : null
}

/** A JSON object, or null for whatever else: the parser's message would quote the text. */
export function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

/** What a good reply says of a login; keys of the bank's own stay in `all`. */
export type Tokens = {
  access: string
  refresh: string
  /** seconds that the access token lives from the reply on; null when the bank does not say */
  expiresIn: number | null
  /** Monzo's id of the person who logged in */
  userId: string | null
  all: Record<string, unknown>
}

const text = z.string().check(z.minLength(1))

/** The tokens of a reply that was judged to be pending. @throws Error when it was not: that is a bug */
export function tokensIn(reply: StoredReply): Tokens {
  const all = jsonObject(bodyText(reply)) ?? {}
  const access = text.safeParse(all.access_token)
  const refresh = text.safeParse(all.refresh_token)
  if (!access.success || !refresh.success) throw new Error('a reply without tokens was taken for a login')
  const expires = Number.parseFloat(String(all.expires_in))
  const userId = text.safeParse(all.user_id)
  return {
    access: access.data,
    refresh: refresh.data,
    expiresIn: Number.isFinite(expires) ? Math.floor(expires) : null,
    userId: userId.success ? userId.data : null,
    all,
  }
}

/** When the bank sent the reply, ms since 1970, by its own clock if it says so. */
export function repliedAt({ date, receivedAt }: StoredReply): { ms: number; byBank: boolean } {
  const ms = date === null ? Number.NaN : Date.parse(date)
  return Number.isNaN(ms) ? { ms: receivedAt, byBank: false } : { ms, byBank: true }
}
