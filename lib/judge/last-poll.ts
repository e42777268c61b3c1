import type { PollVerdict, Verdict } from '../finding.ts'
import { type Bank, fileNames, type InvariantOf } from '../invariant.ts'
import { approve, logIn, lookInApp, onHost, push, verify } from '../next-step.ts'
import { inCommand, pathInCommand } from '../quote.ts'
import { consentOf, endOf, isEnding } from './consent.ts'
import { type Context, hanging, idOf } from './context.ts'
import { leaseOf } from './lease.ts'
import { judgePollLog, judgeStalled, wantedPoll } from './poll-log.ts'
import { fileFault } from './token-file.ts'
import { type Unfinished, unfinished } from './unfinished.ts'

type LastPoll = InvariantOf<'last-poll'>

const want = wantedPoll

/**
 * The doctor's verdict on a bank: a login that Z2 does not have first, since whatever else is wrong, another login would
 * end it; then its log and service; then what a login that is not finished adds.
 */
export function judgeLastPoll(invariant: LastPoll, context: Context): Verdict {
  const { bank } = invariant
  const login = unfinished(context, bank)
  if (login && login.kind !== 'committed')
    return {
      state: 'needs-person',
      want,
      seen: login.says,
      next: nextOf(login, bank, context),
      poll: 'not-pushed',
    }
  return withRecord(
    withLogin(withConsent(judgePoll(invariant, context), bank, context), login, bank, context),
    bank,
    context,
  )
}

const nextOf = ({ kind }: Unfinished, bank: Bank, { seen, stack }: Context): string =>
  kind === 'broken' ? `ls -la ${pathInCommand(`${seen.mac[bank].folder}/.reauth`)}` : push(bank, stack)

function judgePoll(invariant: LastPoll, context: Context): Verdict {
  const { bank, log: name } = invariant
  const { seen } = context
  const token = fileNames[bank].token
  if (fileFault(seen.host.files.get(token), context, token))
    return hanging(want, idOf(context, 'token-file', token))
  const log = seen.host.logs.get(name)
  if (!log || log.state === 'unreadable') {
    const why = log?.why ?? 'the look says nothing of it'
    return { state: 'unknown', want, seen: `${name} cannot be read: ${why}` }
  }
  if (log.state === 'absent') return judgeStalled(invariant, context, `no ${name} yet`)
  if (log.state !== 'file') {
    const next = verify(bank, context.stack)
    return { state: 'needs-person', want, seen: `${name} is not a regular file`, next }
  }
  return judgePollLog(invariant, context, log)
}

/** A consent that ends soon, at a bank whose login has no age of its own that would say so. */
function withConsent(verdict: Verdict, bank: Bank, context: Context): Verdict {
  const { declaration, seen, stack } = context
  const consent = consentOf(context, bank)
  const isAged = declaration.invariants.some((one) => one.kind === 'token-age' && one.bank === bank)
  if (verdict.poll !== 'healthy' || isAged || !isEnding(consent, seen.host.nowMs)) return verdict
  return {
    state: 'needs-person',
    want,
    seen: `${verdict.seen}; ${endOf(consent, seen.host.nowMs)}`,
    next: logIn(bank, stack, seen.mac[bank].token.state !== 'absent'),
    poll: 'consent-ending',
  }
}

/** A login that Z2 has and that is not finished: the poll decides what is said, finishing it is what is next. */
function withLogin(verdict: Verdict, login: Unfinished | null, bank: Bank, context: Context): Verdict {
  if (!login || verdict.poll === undefined || leaseOf(context, bank)) return verdict
  const finish = verify(bank, context.stack)
  // What is unfinished then can no longer be finished: the way out is named, which asks before it gives anything up.
  const anew = `${logIn(bank, context.stack)} --new-login`
  const ways: Partial<Record<PollVerdict, string>> = {
    'approval-pending': `${approve}. then ${finish}`,
    'approval-lapsed': lookInApp(anew),
    'refresh-dead': anew,
  }
  return {
    ...verdict,
    state: 'needs-person',
    seen: `${verdict.seen}; ${login.says}`,
    next: ways[verdict.poll] ?? finish,
  }
}

/** A record that cannot be read hides which login is the newer one, so the next login would stop at it. */
function withRecord(verdict: Verdict, bank: Bank, { config, seen }: Context): Verdict {
  const { record } = seen.host.logins[bank]
  if (record.state !== 'broken' || verdict.poll === undefined) return verdict
  const says = `${verdict.seen}; the record of the last login cannot be read (${record.why})`
  if (verdict.state !== 'holds') return { ...verdict, seen: says }
  const next = onHost(config, `ls -l ${inCommand(`${config.hostRoot}${config.stateDir}`)}`)
  return { ...verdict, state: 'needs-person', seen: says, next }
}
