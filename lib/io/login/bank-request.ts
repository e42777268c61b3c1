import { networkReason, noAnswerWithin } from '../../login/outcome-network.ts'
import { outcomeText } from '../../login/outcome-text.ts'
import { jsonObject } from '../../login/token-reply.ts'

const limitMs = 20_000
const mostBytes = 1_048_576

/** An answer of a bank, or why there is none, in words that may be shown. */
export type BankAnswer = { status: number; value: Record<string, unknown> | null } | { says: string }

/**
 * Asks a bank with an access token. No redirect is followed: a token goes to the configured host and nowhere else.
 * @param base the configured address @param path below it, without a slash at its beginning
 */
export async function askBank(
  base: string,
  path: string,
  accessToken: string,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
): Promise<BankAnswer> {
  const url = new URL(`${base.replace(/\/$/, '')}/${path}`)
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
      signal: AbortSignal.timeout(limitMs),
    })
    return { status: response.status, value: jsonObject(await textOf(response)) }
  } catch (error) {
    return { says: outcomeText.notSent(url.host, reasonOf(error)) }
  }
}

/** @throws RangeError for more than anybody would send */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > mostBytes) throw new RangeError('the answer is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return error.message
  if (error instanceof Error && error.name === 'TimeoutError') return noAnswerWithin(limitMs)
  return networkReason((error as { cause?: { code?: unknown } }).cause?.code)
}
