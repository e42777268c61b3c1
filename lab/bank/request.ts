import type { IncomingMessage } from 'node:http'

/** A request, read as far as every route needs it. */
export type Request = {
  method: string
  path: string
  query: URLSearchParams
  /** the token behind `Authorization: Bearer` */
  bearer: string | undefined
  contentType: string
  /** the fields of a form or of a JSON object; empty for anything else */
  fields: Record<string, unknown>
  accept: string
}

const maxBytes = 65_536

async function readBody(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of incoming as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxBytes) throw new Error('the body is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function readFields(contentType: string, text: string): Record<string, unknown> {
  if (contentType === 'application/x-www-form-urlencoded')
    return Object.fromEntries(new URLSearchParams(text))
  if (contentType !== 'application/json') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    // no JSON: the route then finds its fields missing and says so
    return {}
  }
}

/** Throws when the body is longer than 64 KiB. */
export async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const url = new URL(incoming.url ?? '/', 'http://bank.invalid')
  const contentType = (incoming.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    bearer: incoming.headers.authorization?.match(/^Bearer (\S+)$/i)?.[1],
    contentType,
    fields: readFields(contentType, await readBody(incoming)),
    accept: incoming.headers.accept ?? '',
  }
}
