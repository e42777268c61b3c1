import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { path: string; method: string; headers: IncomingHttpHeaders; body: string }
/** A status, with the place that it sends to; or no answer at all. */
export type Answer = { status: number; location?: string } | 'silence'

/** A real HTTP server on loopback that keeps what it gets and answers as it is told. */
export class Receiver {
  readonly got: Received[] = []
  answer: Answer = { status: 200 }
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8')
      })
      request.on('end', () => {
        const { url: path = '', method = '', headers } = request
        receiver.got.push({ path, method, headers, body })
        if (receiver.answer === 'silence') return
        const { status, location } = receiver.answer
        response.writeHead(status, location === undefined ? {} : { location }).end('ok')
      })
    })
    const receiver = new Receiver(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
