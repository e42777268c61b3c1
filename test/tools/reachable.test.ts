import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoneReachable, whyUnreachable } from '../../tools/reachable.ts'

describe('what cannot be reached', () => {
  // Takes every connection and never says a word, as a firewall's black hole does after the handshake.
  let silent: Server
  let url: string
  beforeAll(async () => {
    silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/x`
  })
  afterAll(() => silent.close())

  it('a host that does not begin to answer is given up after the limit', async () => {
    expect(await whyUnreachable(url, 200)).toMatch(/^127\.0\.0\.1:\d+ did not begin to answer in 0\.2 s$/)
  })

  it('a host that refuses is seen at once', async () => {
    expect(await whyUnreachable('https://127.0.0.1:1/x')).toBe('127.0.0.1:1: ECONNREFUSED')
  })

  it('of several, the reason of the first is given', async () => {
    const urls = ['https://127.0.0.1:1/x', 'https://127.0.0.1:2/x']
    expect(await whyNoneReachable(urls)).toBe('127.0.0.1:1: ECONNREFUSED')
  })
})
