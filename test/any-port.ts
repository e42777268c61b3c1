import { createServer } from 'node:net'

/**
 * A port of this machine that nobody has, on any of its addresses. None of those that the kernel gives to whoever asks for any
 * (ip_local_port_range, 32768 and above on Linux): such a one could be given away before it is used.
 */
export async function anyPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '::', () => server.close(() => resolve(true)))
  })
