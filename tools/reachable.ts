import { Agent, request } from 'node:https'

// The limit is on the first byte of an answer: a slow line downloads for as long as it takes, a dead one is seen soon.
const firstByteMs = 5000

/**
 * Asks whether `url` can be had, following nothing: undefined when the host begins to answer with 2xx or 3xx within
 * five seconds, else the reason in a few words. Proxies in the environment are used.
 */
export function whyUnreachable(url: string, limitMs = firstByteMs): Promise<string | undefined> {
  const { host } = new URL(url)
  return new Promise((resolve) => {
    const answer = (reason: string | undefined): void => {
      clearTimeout(timer)
      asked.destroy()
      resolve(reason)
    }
    const agent = new Agent({ proxyEnv: process.env })
    const asked = request(url, { method: 'HEAD', agent }, (response) => {
      const status = response.statusCode ?? 0
      answer(status < 400 ? undefined : `${host} answered ${status}`)
    })
    asked.once('error', (error: NodeJS.ErrnoException) => answer(`${host}: ${error.code ?? error.message}`))
    const timer = setTimeout(() => answer(`${host} did not begin to answer in ${limitMs / 1000} s`), limitMs)
    asked.end()
  })
}

/** Undefined as soon as one of the urls can be had, else the reason of the first. */
export async function whyNoneReachable(urls: string[]): Promise<string | undefined> {
  const reasons = urls.map((url) => whyUnreachable(url))
  const reached = reasons.map(async (reason) => {
    if ((await reason) !== undefined) throw new Error('not this one')
  })
  try {
    await Promise.any(reached)
    return undefined
  } catch {
    return reasons[0] // every one of them failed, each with a reason of its own
  }
}
