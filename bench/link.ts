import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A longer way to a host: connect to `port` of 127.0.0.1 instead. Bytes are those of the client: sent to the host, received from it. */
export type Link = { port: number; sent: number; received: number; close(): Promise<void> }

/**
 * Opens a way to a host on which each round trip takes `rttMs` more, half of it in either direction, as light in a fibre
 * does. Bandwidth is not limited and TCP's slow start is not imitated: what is sent in one go arrives in one go.
 */
export async function openLink(host: string, port: number, rttMs: number): Promise<Link> {
  const sockets = new Set<Socket>()
  const link: Link = { port: 0, sent: 0, received: 0, close }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    // The client is connected at once, where a real one is after a round trip: its first bytes leave that much later,
    // and the host hears of the connection when the last part of TCP's greeting would reach it.
    const connected = performance.now() + rttMs
    const far = wait(1.5 * rttMs).then(() => {
      const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
      track(socket, near)
      carry(
        socket,
        near,
        (bytes) => (link.received += bytes),
        () => performance.now() + rttMs / 2,
      )
      return socket
    })
    track(near, far)
    carry(
      near,
      far,
      (bytes) => (link.sent += bytes),
      () => Math.max(performance.now(), connected) + rttMs / 2,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  link.port = (server.address() as AddressInfo).port
  return link

  /** One end that breaks takes the other with it. */
  function track(socket: Socket, other: Socket | Promise<Socket>): void {
    sockets.add(socket)
    const end = async (): Promise<void> => void (await other).destroy()
    socket.once('error', () => void end())
    socket.once('close', (broken) => {
      sockets.delete(socket)
      if (broken) void end()
    })
  }

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

/** Hands on what `from` says, each chunk when it is due and never before an earlier one. */
function carry(
  from: Socket,
  to: Socket | Promise<Socket>,
  count: (bytes: number) => void,
  due: () => number,
): void {
  const queue: { at: number; chunk: Buffer | null }[] = []
  let isBusy = false
  const pump = async (): Promise<void> => {
    if (isBusy) return
    isBusy = true
    const target = await to
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const left = next.at - performance.now()
      if (left > 0) await wait(left)
      queue.shift()
      if (next.chunk === null) target.end()
      else if (!target.destroyed) target.write(next.chunk)
    }
    isBusy = false
  }
  from.on('data', (chunk: Buffer) => {
    count(chunk.length)
    queue.push({ at: due(), chunk })
    void pump()
  })
  from.once('end', () => {
    queue.push({ at: due(), chunk: null })
    void pump()
  })
}
