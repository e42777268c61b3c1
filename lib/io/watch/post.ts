import type { Post } from '../../watch/way.ts'

/** An address that does not answer must not hold the next look up. */
const mostMs = 10_000

/**
 * Sends it once. A redirect is not followed: the message is for the address that was set, and for nobody else.
 * @returns null when it was taken, otherwise why not. Never the address, which may be a secret
 */
export async function sendPost({ url, headers, body }: Post): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(mostMs)
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.body?.cancel()
    if (response.ok) return null
    if (response.status >= 300 && response.status < 400)
      return `HTTP ${response.status}: it sends elsewhere, which is not followed`
    return `HTTP ${response.status}`
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: unknown } }
    if (name === 'TimeoutError') return `no answer within ${mostMs / 1000} s`
    return typeof cause?.code === 'string' ? `it cannot be reached (${cause.code})` : 'it cannot be reached'
  }
}
