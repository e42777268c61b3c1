import type { Socket } from 'node:net'

/** an identification line ends within this; a KEXINIT is several times longer (RFC 4253, 4.2 and 7.1) */
const identBytes = 255

/**
 * Holds the server's KEXINIT back until the client's has come. Sent earlier, it acknowledges nothing: the client's next
 * packet then waits for a delayed ACK of the kernel, 40 ms now and then, which a real sshd on a fresh connection, in the
 * kernel's quick-ack mode, does not cost.
 */
export function answerFirstPacket(socket: Socket): void {
  const write = socket.write.bind(socket)
  const held: Parameters<typeof write>[] = []
  let received = 0
  let hasIdent = false
  socket.write = ((...args: Parameters<typeof write>) => {
    if (!hasIdent) {
      hasIdent = true
      return write(...args)
    }
    held.push(args)
    return true
  }) as typeof socket.write
  const count = (chunk: Buffer): void => {
    received += chunk.length
    if (received <= identBytes) return
    socket.removeListener('data', count)
    socket.write = write as typeof socket.write
    for (const args of held) write(...args)
  }
  socket.on('data', count)
}
