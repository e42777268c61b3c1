import { type IncomingMessage, request } from 'node:http'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { networkReason, noAnswerWithin } from '../../login/outcome-network.ts'

// One POST in two parts that fetch cannot tell apart: before `open` has a connection nothing was sent, and after `post` has
// begun nobody knows but the bank. No redirect is followed, nothing is sent twice, no connection is kept.

/** longer than any token reply */
const mostBytes = 1_048_576

/** Why there is no connection or no answer, in words; never more than the system's own. */
export class ConnectionError extends Error {}

/** What came back, down to the bytes. */
export type RawReply = {
  status: number
  contentType: string | null
  date: string | null
  body: Buffer
  /** false: the connection ended before the reply did */
  whole: boolean
}

/** Connects, with TLS where the address says https. @throws ConnectionError: nothing was sent */
export async function open(url: URL, limitMs: number): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isSecure = url.protocol === 'https:'
  const port = Number(url.port || (isSecure ? 443 : 80))
  const socket = isSecure
    ? connectSecure({ host, port, ALPNProtocols: ['http/1.1'], ...(!isIP(host) && { servername: host }) })
    : connectPlain({ host, port })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(undefined), limitMs)
    const fail = (error: unknown): void => {
      clearTimeout(timer)
      socket.on('error', () => undefined) // what comes after this one is of no interest
      socket.destroy()
      reject(new ConnectionError(reasonOf(error, limitMs)))
    }
    socket.once('error', fail)
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

/** Sends a form and reads the answer. @throws ConnectionError when not even the head of an answer came: it may have been processed */
export async function post(
  socket: Socket,
  url: URL,
  headers: Record<string, string>,
  form: string,
  limitMs: number,
): Promise<RawReply> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const asked = request({
    createConnection: () => socket,
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host, connection: 'close', 'content-length': Buffer.byteLength(form) },
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    socket.destroy(new Error('late'))
  }, limitMs)
  asked.once('response', resolve)
  asked.on('error', reject)
  asked.end(form)
  try {
    return await read(await promise)
  } catch (error) {
    throw new ConnectionError(reasonOf(isLate ? undefined : error, limitMs))
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

async function read(response: IncomingMessage): Promise<RawReply> {
  const parts: Buffer[] = []
  let size = 0
  let whole = true
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      size += part.length
      parts.push(part)
      if (size > mostBytes) break
    }
    whole = response.complete && size <= mostBytes
  } catch {
    whole = false // what did arrive counts: it may be all of it but the end of the connection
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? null,
    date: response.headers.date ?? null,
    body: Buffer.concat(parts),
    whole,
  }
}

/** @param error undefined when our own limit was reached */
const reasonOf = (error: unknown, limitMs: number): string =>
  error === undefined ? noAnswerWithin(limitMs) : networkReason((error as NodeJS.ErrnoException).code)
