import { createServer, connect as dial, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A line to an sshd that can be cut, frozen and slow. */
export type Line = {
  port: number
  /** bytes from the client that have gone through since `begin` */
  sent(): number
  /** what happens from now on, counted anew: nothing special when nothing is said */
  begin(of?: { cutAt?: number; freezeAt?: number; bytesPerSecond?: number }): void
  stop(): Promise<void>
}

/** how often a slow line lets some bytes through */
const tickMs = 20

export async function startLine(target: number): Promise<Line> {
  let sent = 0
  let how: { cutAt?: number; freezeAt?: number; bytesPerSecond?: number } = {}
  const sockets = new Set<Socket>()
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  /** One direction, chunk after chunk; what was not let through never arrives. */
  const carry = async (from: Socket, to: Socket, isUp: boolean): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      let left = chunk
      while (left.length > 0) {
        const { cutAt, freezeAt, bytesPerSecond } = how
        // a frozen line is frozen both ways
        while (how.freezeAt !== undefined && sent >= how.freezeAt) await wait(tickMs)
        const room = isUp
          ? Math.min(cutAt ?? Number.POSITIVE_INFINITY, freezeAt ?? Number.POSITIVE_INFINITY) - sent
          : left.length
        const part = left.subarray(
          0,
          Math.min(room, ((bytesPerSecond ?? Number.POSITIVE_INFINITY) * tickMs) / 1000),
        )
        if (part.length > 0) to.write(part)
        left = left.subarray(part.length)
        if (isUp) sent += part.length
        if (isUp && cutAt !== undefined && sent >= cutAt) {
          // what was let through shall arrive
          await wait(tickMs)
          cut()
          return
        }
        if (bytesPerSecond !== undefined) await wait(tickMs)
      }
    }
    to.end()
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const host = dial({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    for (const socket of [client, host]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => sockets.delete(socket))
    }
    if (how.cutAt === 0) return cut()
    // an end that is cut ends its loop with an error that says just that
    void Promise.allSettled([carry(client, host, true), carry(host, client, false)])
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    sent: () => sent,
    begin: (next = {}) => {
      sent = 0
      how = next
    },
    stop: async () => {
      how = {}
      cut()
      await new Promise((done) => server.close(done))
    },
  }
}
