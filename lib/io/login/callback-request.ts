import type { IncomingMessage } from 'node:http'
import { maxCallbackBytes } from '../../login/callback.ts'
import { type CallbackAddress, hostsAt } from '../../login/callback-address.ts'

/** Parameters that came to the right address, or why the request is not for us. */
export type CallbackRequest = { parameters: string } | { status: number; says: string }

const refused = (status: number, says: string): CallbackRequest => ({ status, says })

/**
 * Reads a request as far as it is a callback: GET with a query, or TrueLayer's form_post.
 * Rejects when the sender goes away in the middle.
 */
export async function readCallback(
  incoming: IncomingMessage,
  { port, path }: CallbackAddress,
): Promise<CallbackRequest> {
  const { method, url = '', headersDistinct } = incoming
  const [asked, query = ''] = url.split(/\?(.*)/s)
  const hosts = headersDistinct.host ?? []
  // Only a page that was loaded from this very address may name it: any other name is one that somebody else resolves to us.
  if (hosts.length !== 1 || !hostsAt(port).includes(hosts[0]?.toLowerCase() ?? ''))
    return refused(400, 'wrong host')
  if (asked !== path) return refused(404, 'nothing here')
  if (method === 'GET') return { parameters: query }
  if (method !== 'POST') return refused(405, 'wrong method')
  const type = (incoming.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return refused(400, 'wrong content type')
  const isLong = Number(incoming.headers['content-length'] ?? 0) > maxCallbackBytes
  const body = isLong ? null : await readBody(incoming)
  return body === null ? refused(413, 'too long') : { parameters: body }
}

/** null when it is longer than a callback can be. */
async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxCallbackBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
