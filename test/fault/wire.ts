import { connect, createServer, type Socket } from 'node:net'

/** What a wire does to what goes over it. Nothing said: it carries. */
export type Trouble = {
  /** the connection ends after so many bytes, counted in one direction since the trouble began */
  cutAt?: number
  way?: 'down' | 'up'
  rttMs?: number
  bytesPerSecond?: number
  /** the first connection is closed before a word was said, as MaxStartups does */
  turnsAway?: boolean
}

/** A way to a host that can be cut after any byte, and be slow and far. */
export type Wire = {
  port: number
  /** bytes since the last `begin` */
  carried(): { up: number; down: number }
  begin(trouble?: Trouble): void
  stop(): Promise<void>
}

export async function startWire(host: string, port: number): Promise<Wire> {
  let trouble: Trouble = {}
  let carried = { up: 0, down: 0 }
  const sockets = new Set<Socket>()
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  /** One direction: what is sent arrives in order, late by half a round trip and by what its bytes take. */
  const carry = (from: Socket, to: Socket, way: 'up' | 'down'): void => {
    let free = 0
    from.on('data', (chunk: Buffer) => {
      const { cutAt, rttMs = 0, bytesPerSecond } = trouble
      const counts = cutAt !== undefined && way === (trouble.way ?? 'down')
      const part = counts ? chunk.subarray(0, Math.max(0, cutAt - carried[way])) : chunk
      carried[way] += part.length
      const now = performance.now()
      free = Math.max(free, now) + (bytesPerSecond ? (part.length / bytesPerSecond) * 1000 : 0)
      const hand = (): void => {
        if (!to.destroyed) to.write(part)
        // what was let through shall arrive
        if (counts && carried[way] >= cutAt) setTimeout(cut, 5)
      }
      const late = free - now + rttMs / 2
      if (late < 1) hand()
      else setTimeout(hand, late)
    })
    from.on('error', () => from.destroy())
    from.once('close', () => {
      sockets.delete(from)
      setTimeout(() => to.destroy(), Math.max(0, free - performance.now()) + 20)
    })
  }

  const server = createServer({ noDelay: true }, (near) => {
    if (trouble.turnsAway) return near.resetAndDestroy()
    const far = connect({ host, port, noDelay: true })
    for (const socket of [near, far]) sockets.add(socket)
    carry(near, far, 'up')
    carry(far, near, 'down')
    return near
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    carried: () => carried,
    begin: (next = {}) => {
      cut()
      trouble = next
      carried = { up: 0, down: 0 }
    },
    stop: async () => {
      cut()
      await new Promise((done) => server.close(done))
    },
  }
}
