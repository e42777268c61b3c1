import { type ExchangeOutcome, outcomeText } from '../../login/outcome-text.ts'
import { bodyOf, storedText } from '../../login/token-reply.ts'
import { diskReason } from './durable-file-problem.ts'
import { exchangePaths, openReplyFile, type ReplyFile } from './exchange-file.ts'
import type { ExchangeOrder } from './exchange-order.ts'
import { ConnectionError, open, post, type RawReply } from './exchange-post.ts'

/** An outcome that ends the exchange before there is a reply to judge. */
export class Ended extends Error {
  readonly outcome: ExchangeOutcome
  constructor(outcome: ExchangeOutcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/** Has the reply on disk when it resolves. @throws Ended when there is none */
export async function ask(
  order: ExchangeOrder,
  address: string,
  headers: Record<string, string>,
  form: string,
): Promise<void> {
  const { bank, limitMs } = order
  const url = new URL(address)
  const file = take(order)
  try {
    const socket = await open(url, limitMs).catch((error: unknown) => {
      throw notSent(file, outcomeText.notSent(url.host, connectionReason(error)))
    })
    try {
      file.mark()
    } catch (error) {
      socket.destroy()
      throw notSent(file, outcomeText.noDisk(diskReason(error)))
    }
    const identity = { ...headers, 'accept-encoding': 'identity' }
    const reply = await post(socket, url, identity, form, limitMs).catch((error: unknown) => {
      throw new Ended({ kind: 'lost', says: outcomeText.lost(bank, connectionReason(error)) })
    })
    await keep(file, order, reply)
  } finally {
    file.close()
  }
}

function take(order: ExchangeOrder): ReplyFile {
  try {
    return openReplyFile(exchangePaths(order.bank, order.folder))
  } catch (error) {
    throw new Ended({ kind: 'trouble', says: outcomeText.noDisk(diskReason(error)), sent: false })
  }
}

function notSent(file: ReplyFile, says: string): Ended {
  file.drop()
  return new Ended({ kind: 'trouble', says, sent: false })
}

function connectionReason(error: unknown): string {
  if (error instanceof ConnectionError) return error.message
  throw error
}

/** A disk that refuses tokens which the bank has given gets twice the time that the bank got. */
async function keep(file: ReplyFile, order: ExchangeOrder, reply: RawReply): Promise<void> {
  const { bank, client, scopes, limitMs } = order
  const { status, contentType, date, whole, body } = reply
  const known = { version: 1, bank, clientId: client.id, scopes, receivedAt: Date.now() } as const
  try {
    await file.keep(storedText({ ...known, status, contentType, date, whole, ...bodyOf(body) }), 2 * limitMs)
  } catch (error) {
    throw new Ended({ kind: 'lost', says: outcomeText.notKept(diskReason(error)) })
  }
}
