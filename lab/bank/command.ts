import { exitCode } from '../../lib/exit-code.ts'
import { Problem } from '../../lib/problem.ts'
import type { AuditEntry } from './audit.ts'
import { type Control, giveOrder, type Order } from './control.ts'
import { reportBank, reportEvent } from './report.ts'
import type { BankSummary } from './summary.ts'

export const bankUsage = `the simulated banks of a lab that is up

  lab -- bank                            both banks: logins, approvals, knobs, troubles
  lab -- bank BANK audit                 what happened, latest last
  lab -- bank monzo approve              tap "approve" in the app; also on the bank's page /app
  lab -- bank BANK expire                the access tokens are over
  lab -- bank BANK kill [bad|evicted]    the refresh tokens are dead
  lab -- bank BANK age DAYS              login, consent and approval were so many days ago
  lab -- bank BANK set NAME=VALUE…       turn knobs: approve=never windowMs=0 refresh=omit wrongState=true …
  lab -- bank BANK trouble HOW [on=token|data|any] [times=N] [ms=N]
  lab -- bank BANK calm                  no more trouble
  lab -- bank BANK register URL          one more address that a login may come back to, letter for letter
  lab -- bank BANK reset                 nobody ever logged in, every knob at its default

  --json                                 the answer as JSON, for a program
`

const misuse = (what: string, why: string): Problem =>
  new Problem({ what, why, next: 'npm run lab -- bank --help', left: 'nothing was changed' }, exitCode.usage)

const banks = ['monzo', 'truelayer'] as const
type Name = (typeof banks)[number]

/** `times=2` → ['times', 2]; what is no JSON is text. Throws a Problem without a `=`. */
function setting(word: string): [string, unknown] {
  const at = word.indexOf('=')
  if (at < 1) throw misuse(`"${word}" is no setting`, 'a setting looks like approve=never')
  const text = word.slice(at + 1)
  try {
    return [word.slice(0, at), JSON.parse(text)]
  } catch {
    // a bare word, as people type it
    return [word.slice(0, at), text]
  }
}

/** The order in the words of a command line after BANK. Throws a Problem for words that make none. */
export function readOrder(bank: Name, words: string[]): Order {
  const [verb, ...rest] = words
  const [first = ''] = rest
  if (verb === undefined || verb === 'state') return { bank, do: 'state' }
  if (verb === 'audit' || verb === 'approve' || verb === 'reset') return { bank, do: verb }
  if (verb === 'expire') return { bank, do: 'expireAccess' }
  if (verb === 'calm') return { bank, do: 'knob', knobs: { trouble: [] } }
  if (verb === 'set' && rest.length > 0)
    return { bank, do: 'knob', knobs: Object.fromEntries(rest.map(setting)) }
  if (verb === 'trouble' && rest.length > 0)
    return {
      bank,
      do: 'knob',
      knobs: { trouble: [{ how: first, ...Object.fromEntries(rest.slice(1).map(setting)) }] },
    }
  if (verb === 'kill' && ['', 'bad', 'evicted'].includes(first))
    return { bank, do: 'killRefresh', why: first === 'evicted' ? 'evicted' : 'bad' }
  if (verb === 'register' && rest.length === 1) return { bank, do: 'register', redirectUri: first }
  if (verb === 'age' && /^\d+(\.\d+)?$/.test(first)) return { bank, do: 'age', days: Number(first) }
  throw misuse(`lab bank ${bank} does not know "${words.join(' ')}"`, 'the words make no order')
}

/** Runs `lab -- bank …` and answers with what to print. Throws a Problem for misuse, and for what the bank refuses. */
export async function bankCommand(words: string[], control: Control): Promise<string> {
  if (words.includes('--help') || words.includes('-h')) return bankUsage
  const asJson = words.includes('--json')
  const [name, ...rest] = words.filter((word) => word !== '--json')
  const chosen = name === undefined ? [...banks] : banks.filter((bank) => bank === name)
  if (chosen.length === 0) throw misuse(`no bank is called ${name}`, 'there are monzo and truelayer')
  const orders = chosen.map((bank) => readOrder(bank, rest))
  const results = await Promise.all(orders.map((order) => giveOrder(control, order))).catch(
    (error: Error) => {
      throw misuse('the simulated bank did not do that', error.message.split('\n').join(' '))
    },
  )
  if (asJson) return JSON.stringify(name === undefined ? results : (results[0] ?? null), null, 2)
  return orders.map((order, index) => answered(order, results[index])).join('\n\n')
}

/** What a bank answered, for a person. */
function answered(order: Order, result: unknown): string {
  if (order.do === 'state') return reportBank(result as BankSummary)
  if (order.do === 'audit')
    return (result as AuditEntry[]).map(reportEvent).join('\n') || 'nothing has happened'
  if (order.do === 'approve') return result === 0 ? 'no login waits for an approval' : 'approved'
  return `${order.bank}: done`
}
