import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type Answer, json } from './answer.ts'
import { type LoginTerms, loginTerms, type TokenFile, tokenFile } from './login-terms.ts'
import { readRequest } from './request.ts'

const bank = z.enum(['monzo', 'truelayer'])

/** What can be asked of a bank from another process: the methods of `SimulatedBank` by name. */
export const order = z.discriminatedUnion('do', [
  z.strictObject({ bank, do: z.literal('knob'), knobs: z.record(z.string(), z.unknown()) }),
  z.strictObject({ bank, do: z.enum(['state', 'audit', 'liveRefresh', 'approve', 'expireAccess', 'reset']) }),
  z.strictObject({ bank, do: z.literal('killRefresh'), why: z.enum(['bad', 'evicted']).default('bad') }),
  z.strictObject({ bank, do: z.literal('register'), redirectUri: z.url({ protocol: /^https?$/ }) }),
  z.strictObject({ bank, do: z.literal('age'), days: z.number().min(0) }),
  z.strictObject({ bank, do: z.literal('isLive'), refreshToken: z.string() }),
  z.strictObject({ bank, do: z.literal('login'), terms: loginTerms.default({}) }),
  z.strictObject({
    bank,
    do: z.literal('adopt'),
    file: tokenFile,
    terms: loginTerms.default({}),
  }),
])
export type Order = z.input<typeof order>

export const newControlToken = (): string => randomBytes(24).toString('hex')

/** What of a bank an order may reach. */
type Driven = {
  knob(changes: object): unknown
  state(): unknown
  audit(): unknown
  liveRefresh(): unknown
  isLive(refreshToken: string): boolean
  login(terms: LoginTerms): TokenFile
  adopt(file: TokenFile, terms: LoginTerms): void
  approve(): number
  expireAccess(): void
  killRefresh(why: 'bad' | 'evicted'): void
  age(days: number): void
  register(redirectUri: string): string[]
  reset(): void
}

/** Does what an order says. Throws a ZodError for a knob that is none. */
export function obey(banks: Record<'monzo' | 'truelayer', Driven>, what: Order): unknown {
  const read = order.parse(what)
  const one = banks[read.bank]
  if (read.do === 'knob') return one.knob(read.knobs)
  if (read.do === 'killRefresh') return one.killRefresh(read.why)
  if (read.do === 'age') return one.age(read.days)
  if (read.do === 'register') return one.register(read.redirectUri)
  if (read.do === 'isLive') return one.isLive(read.refreshToken)
  if (read.do === 'login') return one.login(read.terms)
  if (read.do === 'adopt') return one.adopt(read.file, read.terms)
  return one[read.do]()
}

const sameToken = (given: string | undefined, token: string): boolean =>
  given !== undefined &&
  given.length === token.length &&
  timingSafeEqual(Buffer.from(given), Buffer.from(token))

/**
 * The control endpoint: POST an order as JSON with `Authorization: Bearer TOKEN`; the answer is `{"result": …}`. It listens apart
 * from the banks, so that nothing under test meets it by accident.
 */
export const controlServer = (banks: Record<'monzo' | 'truelayer', Driven>, token: string): Server =>
  createServer((incoming, outgoing) => {
    const send = ({ status, headers, body }: Answer): void =>
      void outgoing.writeHead(status, headers).end(body)
    readRequest(incoming)
      .then(({ bearer, fields }) => {
        if (!sameToken(bearer, token)) return json(401, { error: 'wrong control token' })
        return json(200, { result: obey(banks, order.parse(fields)) ?? null })
      })
      .then(send)
      .catch((error: Error) =>
        send(json(400, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message })),
      )
  })

export type Control = { url: string; token: string }

/** A connection of its own for each: one that is kept may be closed by the banks while nobody here is looking. */
async function post({ url, token }: Control, body: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const outgoing = request(url, { method: 'POST', agent: false, headers }).end(body)
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage]
  return text(reply)
}

/** Gives an order to banks in another process. Throws when they are not there or do not know it. */
export async function giveOrder(control: Control, what: Order): Promise<unknown> {
  const { result, error } = z
    .object({ result: z.unknown().optional(), error: z.string().optional() })
    .parse(JSON.parse(await post(control, JSON.stringify(what))))
  if (error !== undefined) throw new Error(`the simulated bank refuses: ${error}`)
  return result
}
