import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { maxCallbackBytes } from '../../login/callback.ts'

export type Listener = {
  /** the addresses that are listened on */
  hosts: string[]
  /** ends every connection, and resolves when the port is free again */
  close(): Promise<void>
}

/** Loopback as both families have it: macOS asks ::1 first when a browser looks for localhost. Never every interface. */
export const loopbackHosts = ['127.0.0.1', '::1']

/** What a browser needs is a few at once; the rest is somebody who knocks. */
const maxConnections = 64

const limits = {
  maxHeaderSize: maxCallbackBytes,
  // A browser on this machine sends its few hundred bytes at once. Node looks every half second who is over time.
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 500,
}

/**
 * Listens on all of these addresses or on none; an address family that this machine does not have is left out, but never
 * the first address. One more connection than 64 ends the oldest that `isKept` does not hold.
 * @throws what node throws when an address cannot be had (EADDRINUSE, EACCES)
 */
export async function listen(
  port: number,
  answer: RequestListener,
  isKept: (socket: Socket) => boolean,
  hosts: string[] = loopbackHosts,
): Promise<Listener> {
  const sockets = new Set<Socket>()
  const servers: Server[] = []
  const had: string[] = []
  const close = async (): Promise<void> => {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const socket of sockets) socket.destroy()
    for (const server of servers) server.closeAllConnections()
    await Promise.all(closed)
  }
  const admit = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    if (sockets.size <= maxConnections) return
    const oldest = [...sockets].find((one) => !isKept(one)) ?? socket
    // at once: its close event comes later than the next connection
    sockets.delete(oldest)
    oldest.destroy()
  }

  for (const host of hosts) {
    const server = createServer(limits, answer)
    server.on('connection', admit)
    server.on('clientError', (error, socket) => refuse(error, socket as Socket, isKept))
    try {
      await open(server, port, host)
    } catch (error) {
      if (isFamilyMissing(error) && had.length > 0) continue
      await close()
      throw error
    }
    servers.push(server)
    had.push(host)
  }
  return { hosts: had, close }
}

const isFamilyMissing = (error: unknown): boolean =>
  ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')

const open = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** What is too long for this port, in words for whoever looks at it: a browser sends the cookies of all of localhost. */
const tooLong = 'too long: clear the cookies of localhost, or paste this address in your terminal\n'

/** What is not HTTP, too long or too slow. A tab that waits for its page has been answered already. */
function refuse(error: Error & { code?: string }, socket: Socket, isKept: (socket: Socket) => boolean): void {
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400
  // Browsers open connections ahead of need: one that said nothing is not told that it is late.
  const isSilent = socket.bytesRead === 0
  if (!socket.writable || isSilent || isKept(socket) || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const body = status === 431 ? tooLong : ''
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain`
  socket.end(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () => socket.destroy())
}
