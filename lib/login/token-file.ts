import type { Config } from '../config.ts'
import type { Bank } from '../invariant.ts'
import type { ShapeKey } from './order.ts'
import { type TimeMeaning, timeMeaning, writeTime } from './token-file-time.ts'
import { repliedAt, type StoredReply, type Tokens, tokensIn } from './token-reply.ts'

/** What a token file is made of. */
export type TokenSource = {
  reply: StoredReply
  /** of Z2's present token file; empty where there is none that is whole */
  shape: ShapeKey[]
  keyNames: Config['keyNames']
  /** epoch seconds at which the consent ends, where the bank says so */
  consentEnd: number | null
  fingerprint(text: string): string
}

export type TokenFile = {
  /** the file, ready to be written: it holds secrets */
  text: string
  /** fingerprint of the refresh token in it */
  refresh: string
  /** what a person should know of how it was made */
  notes: string[]
}

type Values = Record<string, unknown>
type Times = Record<TimeMeaning, number | null>

const seconds = { type: 'number', time: 'seconds' } as const
/** the poller's own name for it; it is not configurable, since no runbook names it */
const expiresAt = 'expires_at'

/**
 * Makes a token file like the one that Z2 has: the same keys, JSON types and forms of times, as far as a login gives
 * them; the commit copies what is left. Times count from the bank's own clock. Without a file on Z2: the documented keys.
 */
export function makeTokenFile({ reply, shape, keyNames, consentEnd, fingerprint }: TokenSource): TokenFile {
  const tokens = tokensIn(reply)
  const { ms, byBank } = repliedAt(reply)
  const times: Times = {
    login: ms,
    obtained: ms,
    // An access token of unknown age counts as over: the poller then refreshes it first.
    expiry: ms + (tokens.expiresIn ?? 0) * 1000,
    'consent-end': consentEnd === null ? null : consentEnd * 1000,
  }
  const hasShape = shape.some(({ key, type }) => key === keyNames.refreshToken && type === 'string')
  const known: Values = {
    [keyNames.accessToken]: tokens.access,
    [keyNames.refreshToken]: tokens.refresh,
  }
  const like = hasShape ? likeShape(shape, known, tokens, times, keyNames.fullAuthAt) : {}
  const values = { ...like, ...lacking(reply.bank, like, known, tokens, times, keyNames.fullAuthAt) }
  return {
    text: `${JSON.stringify(values, null, 2)}\n`,
    refresh: fingerprint(tokens.refresh),
    notes: [
      ...(hasShape
        ? []
        : [`z2 has no token file to go by, so this one has ${Object.keys(values).join(', ')}`]),
      ...(byBank
        ? []
        : ["the bank's answer has no date, so times in the token file are by this Mac's clock"]),
    ],
  }
}

function likeShape(
  shape: ShapeKey[],
  known: Values,
  tokens: Tokens,
  times: Times,
  fullAuthAt: string,
): Values {
  const entries = shape.map((one): [string, unknown] => {
    if (one.key in known) return [one.key, known[one.key]]
    const meaning = timeMeaning(one.key, fullAuthAt)
    const ms = meaning && times[meaning]
    if (one.time !== null) return [one.key, ms === null ? undefined : writeTime(ms, one)]
    const given = converted(tokens.all[one.key], one.type)
    const isEmptyTime = given === undefined && ms !== null && /_at$/.test(one.key) && one.type !== 'string'
    return [one.key, isEmptyTime ? writeTime(ms, seconds) : given]
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** What must be there whatever Z2's file has: tokens, when the access token ends, and TrueLayer's time of the full login. */
function lacking(
  bank: Bank,
  has: Values,
  known: Values,
  { userId }: Tokens,
  times: Times,
  fullAuthAt: string,
): Values {
  const isNew = Object.keys(has).length === 0
  const hasExpiry = Object.keys(has).some((key) => timeMeaning(key, fullAuthAt) === 'expiry')
  return {
    ...known,
    ...(!hasExpiry && { [expiresAt]: writeTime(times.expiry ?? 0, seconds) }),
    ...(bank === 'truelayer' &&
      !(fullAuthAt in has) && { [fullAuthAt]: writeTime(times.login ?? 0, seconds) }),
    ...(isNew && bank === 'monzo' && userId !== null && { user_id: userId }),
  }
}

/** A value of the bank's reply in the JSON type that Z2's file has; undefined when it has no such form. */
function converted(value: unknown, type: ShapeKey['type']): unknown {
  if (type === 'array' && typeof value === 'string') return value.split(' ').filter(Boolean)
  if (type === 'string' && typeof value === 'number') return String(value)
  if (type === 'number' && typeof value === 'string')
    return Number.isFinite(Number(value)) ? Number(value) : undefined
  const is = Array.isArray(value) ? 'array' : typeof value
  return is === type && value !== null ? value : undefined
}
