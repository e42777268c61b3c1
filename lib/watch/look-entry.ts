import { diagnose } from '../diagnosis.ts'
import type { Bank } from '../invariant.ts'
import type { Observed } from '../outcome.ts'
import type { EntryOf } from './entry.ts'
import { loginOf } from './login-rest.ts'
import { lastGoodPoll } from './poll-time.ts'

export const banks: Bank[] = ['monzo', 'truelayer']

/** A look as the history keeps it. What it holds of foreign text is masked already: it comes from the findings. */
export function lookEntry(observed: Observed, by: EntryOf<'look'>['by']): EntryOf<'look'> {
  const { look, seen } = observed
  return {
    v: 1,
    at: look.lookedAt,
    kind: 'look',
    by,
    off: look.findings.flatMap(({ id, state, cause, seen: says }) =>
      state === 'holds' ? [] : [{ id, state, cause: cause ?? restingOn(id, observed), seen: says }],
    ),
    banks: banks.map((bank) => {
      const { verdict, what } = diagnose(bank, observed)
      const goodMs = lastGoodPoll(bank, seen.host.logs.get(`poll-${bank}.log`))
      return { bank, verdict, what, lastGood: goodMs === null ? null : new Date(goodMs).toISOString() }
    }),
  }
}

/** What a login has stopped hangs on that login. */
function restingOn(id: string, observed: Observed): string | null {
  const bank = loginOf(id, observed)
  return bank === null ? null : `login/${bank}`
}

/** `all as wanted`, or the verdicts and how many things are not. */
export function lookInWords({ off, banks }: EntryOf<'look'>): string {
  const causes = off.filter(({ cause }) => cause === null).length
  const verdicts = banks.map(({ bank, verdict }) => `${bank} ${verdict.replaceAll('-', ' ')}`)
  return [...verdicts, ...(causes > 0 ? [`${causes} not as wanted`] : ['all as wanted'])].join(', ')
}
