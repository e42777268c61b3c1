import type { LoginRecord } from '../login-record.ts'
import { type Mark, type Replies, replyShapes } from './order-reply.ts'

export type { Lease } from '../lease.ts'
export type { LoginRecord } from '../login-record.ts'
export type { Broken, Mark, Replies, ShapeKey, Sight } from './order-reply.ts'

/** Who holds the lease of a bank: one process of one person on one Mac, for one login. */
export type Me = { holder: string; pid: number; login: number }

/** A file that waits in the staging folder as `<bank>.<kind>`, and its name in the data folder. */
export type StagedFile = { kind: 'credentials' | 'tokens'; name: string; sha256: string }

/**
 * What Z2 is asked to do in a login, in one ssh session each. All but see, polled and tail run under the lock of the bank,
 * so that they never meet each other, a repair of `up` or the switch. Asked again, each ends as if it was asked once.
 */
export type Order =
  | { do: 'see' }
  | {
      do: 'take'
      holder: string
      pid: number
      /** null: a new id, never handed out before; a number: a login that is resumed keeps its own */
      login: number | null
      seconds: number
      /** a holder that is known to be dead */
      over?: { holder: string; pid: number }
    }
  /** Winds up the switch too, where it is armed and `switchSeconds` is given. */
  | { do: 'renew'; me: Me; seconds: number; switchSeconds: number | null }
  /** Takes the switch away only when the poll timer runs without it. Sweeps what was staged. */
  | { do: 'release'; me: Me }
  /** Arms the switch, stops the timer and waits for a poll that runs: about ten seconds at most, then ask again. */
  | { do: 'stop'; me: Me; switchSeconds: number; waitSeconds: number }
  | {
      do: 'commit'
      me: Me
      /** fingerprint of Z2's refresh token when the timer was stopped; null where it had none */
      before: string | null
      files: StagedFile[]
      record: Pick<LoginRecord, 'account' | 'refresh' | 'loggedInAt' | 'consentEnd'>
      /** keep the keys that only the old token file has: neither tokens nor times nor errors */
      carry: boolean
    }
  /** Starts the timer, and takes the switch away when the timer runs without it. */
  | { do: 'start'; me: Me }
  | { do: 'poll'; me: Me }
  | { do: 'polled'; mark: Mark }
  | { do: 'tail'; lines: number }

export type Verb = Order['do']
export type ReplyOf<O extends Order> = Replies[O['do']]

/** What came back from Z2: a whole answer, or what is wrong with it. */
export type OrderOutput<R> =
  | { state: 'whole'; reply: R }
  | { state: 'none' }
  | { state: 'cut' }
  | { state: 'foreign'; why: string }

/**
 * Takes the answer from between the two markers of an order; what a noisy login shell prints before them is ignored.
 * @param id the random id that this order's markers carry
 */
export function parseOrderOutput<V extends Verb>(verb: V, out: string, id: string): OrderOutput<Replies[V]> {
  const lines = out.split(/\r?\n/)
  const begin = lines.indexOf(`BULMA ${id} BEGIN`)
  if (begin < 0) return { state: 'none' }
  if (lines[begin + 2] !== `BULMA ${id} END`) return { state: 'cut' }
  const reply = replyShapes[verb].safeParse(parsed(lines[begin + 1] ?? ''))
  if (reply.success) return { state: 'whole', reply: reply.data as Replies[V] }
  return { state: 'foreign', why: `the answer to "${verb}" is not what was asked for` }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // not JSON: it fits no form, and the caller says so
  }
}
