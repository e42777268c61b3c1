import { daysBetween, plural } from '../age.ts'
import type { Verdict } from '../finding.ts'
import type { InvariantOf } from '../invariant.ts'
import { logIn } from '../next-step.ts'
import { consentOf, endOf, isEnding } from './consent.ts'
import { type Context, hanging, idOf } from './context.ts'
import { fileFault } from './token-file.ts'

/** The last full login is at most so many days ago, by Z2's clock, and the consent that the bank named does not end soon. */
export function judgeTokenAge({ name, bank, maxDays }: InvariantOf<'token-age'>, context: Context): Verdict {
  const { config, seen, stack } = context
  const want = `full login at most ${maxDays} days ago`
  const file = seen.host.files.get(name)
  if (!file || fileFault(file, context, name)) return hanging(want, idOf(context, 'token-file', name))
  const key = config.keyNames.fullAuthAt
  const consent = consentOf(context, bank)
  if (consent.loginMs === null) {
    const has = file.hasTime ? `${key} is not a time` : `no ${key} in it, so its age is not known`
    return {
      state: 'needs-person',
      want,
      seen: has,
      next: 'set bulma:keyNames.fullAuthAt to the key that holds it',
    }
  }
  const days = daysBetween(consent.loginMs, seen.host.nowMs)
  if (days < -1)
    return { state: 'needs-person', want, seen: 'full login in the future: a clock is wrong', next: 'date' }
  const text = `full login ${plural(Math.max(0, Math.floor(days)), 'day')} ago`
  const next = logIn(bank, stack, seen.mac[bank].token.state !== 'absent')
  if (isEnding(consent, seen.host.nowMs))
    return { state: 'needs-person', want, seen: `${text}, ${endOf(consent, seen.host.nowMs)}`, next }
  return days > maxDays
    ? { state: 'needs-person', want, seen: text, next }
    : { state: 'holds', want, seen: text }
}
