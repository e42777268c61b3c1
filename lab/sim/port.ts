import type { Server } from './server.ts'

/** Below what the kernel gives to whoever asks for any port (32768 and above on Linux), above what tests take. */
const [first, last] = [20_000, 32_767]
const tries = 50

/**
 * Lets the server listen on a port that nobody gets by chance while `port-refused` is on: a knock there has to be refused.
 * @returns the port. @throws where none of many is free
 */
export async function listenAnywhere(server: Pick<Server, 'listen'>): Promise<number> {
  for (let time = 1; ; time += 1) {
    const port = first + Math.floor(Math.random() * (last - first + 1))
    try {
      await server.listen(port)
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || time === tries) throw error
    }
  }
}
