import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { exchangePlace } from './exchange-place.ts'

const place = await exchangePlace('tls')
const folder = join(import.meta.dirname, 'certificate')
const certificate = join(folder, 'certificate.pem')
const asked: { host: string | undefined; encoding: string | undefined; sent: string }[] = []
let server: Server

/** A bank behind TLS: hands what it gets to the simulated one. */
beforeAll(async () => {
  const own = { cert: readFileSync(certificate), key: readFileSync(join(folder, 'key.pem')) }
  server = createServer(own, (request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString()
    })
    request.on('end', () => {
      asked.push({
        host: request.headers.host,
        encoding: request.headers['accept-encoding'] as string | undefined,
        sent: `${request.method} ${request.url}`,
      })
      const headers = { 'content-type': request.headers['content-type'] ?? '' }
      // In pieces, without a length, with characters split between them.
      void fetch(place.tokenUrl('monzo'), { method: 'POST', headers, body }).then(async (from) => {
        response.writeHead(from.status, { 'content-type': 'application/json' })
        const bytes = Buffer.from(await from.text())
        for (let at = 0; at < bytes.length; at += 50) response.write(bytes.subarray(at, at + 50))
        response.end()
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await place.end()
})
beforeEach(() => {
  place.banks.monzo.reset()
  place.clear()
  asked.length = 0
})
afterEach(() => vi.unstubAllEnvs())

const port = (): number => (server.address() as AddressInfo).port
const run = async (host: string, at = port()) => {
  const login = await place.comeBack('monzo')
  const tokenEndpoint = `https://${host}:${at}/oauth2/token?a=1`
  return place.exchange({ ...login, endpoints: { ...login.endpoints, tokenEndpoint } })
}

describe('an exchange over TLS', () => {
  it.each(['localhost', '127.0.0.1'])('with %s, whose certificate is trusted', async (host) => {
    vi.stubEnv('NODE_EXTRA_CA_CERTS', certificate)
    expect(await run(host)).toEqual({ kind: 'pending' })
    expect(place.banks.monzo.isLive(place.waiting('monzo') ?? '')).toBe(true)
    expect(asked).toEqual([
      { host: `${host}:${port()}`, encoding: 'identity', sent: 'POST /oauth2/token?a=1' },
    ])
  })

  it('with one that is not trusted sends nothing', async () => {
    expect(await run('localhost')).toEqual({
      kind: 'trouble',
      says: `localhost:${port()} could not be reached: its certificate or TLS is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      sent: false,
    })
    expect(asked).toEqual([])
  })

  it('with a certificate for another name sends nothing', async () => {
    vi.stubEnv('NODE_EXTRA_CA_CERTS', certificate)
    const own = { cert: readFileSync(certificate), key: readFileSync(join(folder, 'key.pem')) }
    const other = createServer(own, () => asked.push({ host: '', encoding: '', sent: '' })).listen(
      0,
      '127.0.0.2',
    )
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await run('127.0.0.2', port)).toEqual({
      kind: 'trouble',
      says: `127.0.0.2:${port} could not be reached: its certificate or TLS is not accepted (ERR_TLS_CERT_ALTNAME_INVALID)`,
      sent: false,
    })
    expect(asked).toEqual([])
    other.close()
  })
})
