import { judgeReply } from '../../login/bank-answer.ts'
import { type ExchangeOutcome, outcomeText } from '../../login/outcome-text.ts'
import { parseStoredReply } from '../../login/token-reply.ts'
import { readPrivate, removeDurably } from './durable-file.ts'
import { diskProblem } from './durable-file-problem.ts'
import { type ExchangePaths, isBlank, isMark, promote, quarantine } from './exchange-file.ts'

export type Settled = ExchangeOutcome | { kind: 'none' }

/**
 * What the disk says of the last exchange, once its process is gone. Finishes what was begun: a whole login gets its name, a
 * reply that must not be pushed is put away. Says the same when it is asked again, until `forgetExchange`.
 * `none`: nothing was sent to the bank.
 * @throws Problem when the disk refuses; nothing is lost then
 */
export async function settle(paths: ExchangePaths): Promise<Settled> {
  const waits = readPrivate(paths.pending)
  const found = readPrivate(paths.temporary)
  if (found !== null && isBlank(found)) removeDurably(paths.temporary)
  if (waits !== null) return settleReply(paths, paths.pending, waits)
  if (found === null || isBlank(found)) return settled(paths)
  if (isMark(found)) return { kind: 'lost', says: outcomeText.killed }
  return settleReply(paths, paths.temporary, found)
}

async function settleReply(paths: ExchangePaths, at: string, text: string): Promise<Settled> {
  const reply = parseStoredReply(text)
  const isPending = at === paths.pending
  // Torn before it had a name: what there is of it stays where it is.
  if (reply === null && !isPending) return { kind: 'lost', says: outcomeText.killed }
  const judged = reply ? await judgeReply(reply) : { kind: 'quarantine' as const, says: outcomeText.torn }
  try {
    if (judged.kind === 'pending' && !isPending) promote(paths)
    if (judged.kind === 'pending') return judged
    // Nothing but a login may wait under that name, whoever wrote it.
    if (judged.kind !== 'quarantine' && !isPending) return judged
    return { kind: 'quarantined', says: judged.says, path: quarantine(paths, at) }
  } catch (error) {
    throw diskProblem('write', at, error)
  }
}

/** Nothing is under way: was the last thing that happened a reply that had to be put away? */
async function settled(paths: ExchangePaths): Promise<Settled> {
  for (const path of paths.quarantined()) {
    const reply = parseStoredReply(readPrivate(path) ?? '')
    const judged = reply && (await judgeReply(reply))
    if (judged?.kind === 'quarantine') return { kind: 'quarantined', says: judged.says, path }
  }
  return { kind: 'none' }
}
