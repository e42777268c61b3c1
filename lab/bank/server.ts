import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import type { Book } from './book.ts'
import type { Knobs } from './knob.ts'
import { type Request, readRequest } from './request.ts'
import { type Purpose, takeTrouble, troubleAnswer } from './trouble.ts'

export type Route<K extends Knobs> = { purpose: Purpose; answer(book: Book<K>, request: Request): Answer }
export type FindRoute<K extends Knobs> = (request: Request) => Route<K> | Answer

export type Listening = { port: number; close(): Promise<void> }

/** Listens; port 0 takes a free one. Throws what node throws when the address cannot be had. */
export async function listen(server: Server, host: string, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The HTTP side of one bank. `save` is called before anything is answered: a bank never forgets what it told a client. */
export const bankServer = <K extends Knobs>(book: Book<K>, find: FindRoute<K>, save: () => void): Server =>
  createServer((incoming, outgoing) => {
    void serve(book, find, save, incoming, outgoing).catch((error: Error) => {
      // a bug of this simulation, or a client that went away while it was sending
      outgoing.destroy(error)
    })
  })

async function serve<K extends Knobs>(
  book: Book<K>,
  find: FindRoute<K>,
  save: () => void,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming)
  const found = find(request)
  const route = 'answer' in found ? found : undefined
  const trouble = route && takeTrouble(book, route.purpose)
  const drops = trouble?.how === 'dropConnectionBeforeProcessing'
  const answer = drops
    ? undefined
    : ((trouble && troubleAnswer(trouble)) ?? route?.answer(book, request) ?? (found as Answer))
  save()
  if (answer === undefined || trouble?.how === 'dropConnectionAfterProcessing') {
    incoming.socket.destroy()
    return
  }
  if (trouble?.how === 'slow') await wait(trouble.ms)
  send(book, outgoing, answer, trouble?.how === 'cutReply')
}

function send(book: Book, outgoing: ServerResponse, { status, headers, body }: Answer, cut: boolean): void {
  // By the bank's clock, not this machine's: clients may read it.
  outgoing.sendDate = false
  const all = {
    ...headers,
    Date: new Date(book.now()).toUTCString(),
    'Content-Length': String(Buffer.byteLength(body)),
    ...(book.bank === 'truelayer' && { 'X-TL-Correlation-Id': randomUUID() }),
  }
  outgoing.writeHead(status, all)
  if (!cut) {
    outgoing.end(body)
    return
  }
  outgoing.write(body.slice(0, Math.floor(body.length / 2)), () => outgoing.destroy())
}
