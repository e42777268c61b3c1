import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLink } from '../../bench/link.ts'

// A host that greets, as sshd does, and then answers every word with the same word.

let server: Server
let port: number

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.write('hello')
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

const rttMs = 150
/** timers are never early, and late on a busy machine */
const lateMs = 120

async function heard(socket: Socket): Promise<{ text: string; ms: number }> {
  const began = performance.now()
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return { text: chunk.toString(), ms: performance.now() - began }
}

describe('a longer way to a host', () => {
  it('lets the greeting of the host arrive after two round trips, as over TCP', async () => {
    const link = await openLink('127.0.0.1', port, rttMs)
    const { text, ms } = await heard(connect(link.port, '127.0.0.1'))
    expect(text).toBe('hello')
    expect(ms).toBeGreaterThanOrEqual(2 * rttMs - 2)
    expect(ms).toBeLessThan(2 * rttMs + lateMs)
    await link.close()
  })

  it('lets an answer arrive after one round trip', async () => {
    const link = await openLink('127.0.0.1', port, rttMs)
    const socket = connect(link.port, '127.0.0.1')
    await heard(socket)
    socket.write('word')
    const { text, ms } = await heard(socket)
    expect(text).toBe('word')
    expect(ms).toBeGreaterThanOrEqual(rttMs - 2)
    expect(ms).toBeLessThan(rttMs + lateMs)
    await link.close()
  })

  it('keeps the order of what is said before the connection stands, and counts every byte', async () => {
    const link = await openLink('127.0.0.1', port, rttMs)
    const socket = connect(link.port, '127.0.0.1')
    const said = Array.from({ length: 50 }, (_, number) => `${number} `)
    for (const word of said) socket.write(word)
    socket.end()
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe(`hello${said.join('')}`)
    expect([link.sent, link.received]).toEqual([said.join('').length, said.join('').length + 'hello'.length])
    await link.close()
  })

  it('ends the connection of the client when the host is not there', async () => {
    const link = await openLink('127.0.0.1', 1, 0)
    const socket = connect(link.port, '127.0.0.1')
    socket.resume()
    socket.on('error', () => undefined) // it ends with or without one
    await once(socket, 'close')
    await link.close()
  })
})
