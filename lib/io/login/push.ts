import { exitCode } from '../../exit-code.ts'
import { fileNames } from '../../invariant.ts'
import { standing } from '../../login/standing.ts'
import { ask } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { see } from './answer.ts'
import { carryOn } from './carry-on.ts'
import type { Login, Ready } from './login.ts'
import { resume } from './resume.ts'
import { onlyWriter, runLoginCommand, withLease } from './session.ts'
import { readTransitCopy, type TransitCopy } from './transit-copy.ts'

const help = `npm run push -- monzo | truelayer [--yes] [--stack NAME]

Brings a login that lies on this Mac to ct109 and does all that follows: one
poll, the approval, tidying up. For carrying on after an interruption; a login
that z2 has already, or one that is older than what z2 has, is never pushed.

  --yes         do not ask where a program can know the answer
  --stack NAME  which stack: Pulumi.NAME.yaml (default z2)
  --help        this text

exit codes
   0  done: ct109 polls with the login
   1  failed, or there was nothing to push
   3  z2 could not be reached
   4  a person is needed: approve in the app, or answer a question
  64  wrong usage or configuration
 130  interrupted; the same command carries on`

/** `npm run push`. @returns the exit code */
export const push = (argv: string[]): Promise<number> => runLoginCommand(argv, 'push', help, bring)

async function bring(ready: Ready): Promise<number> {
  const unfinished = ready.journal.read()
  const due = unfinished === null ? await bringFile(ready) : await resume(ready, unfinished)
  console.log(`\n${ready.bank}: ${onlyWriter(ready, due)}`)
  return exitCode.asWanted
}

/** A token file without a journal: written by hand or by the old scripts. */
async function bringFile(ready: Ready): Promise<number | null> {
  const { terminal } = ready
  const copy = readTransitCopy(ready)
  if (copy === null) throw nothingHere(ready)
  const { refresh } = copy
  if (refresh === null) throw noToken(ready, copy)
  return withLease(ready, null, async (login) => {
    const sight = await terminal.wait('looking at z2', null, see(login))
    const stands = standing(
      { login: null, refresh, before: null },
      { record: sight.record, refresh: sight.token.fingerprint },
    )
    if (stands === 'unknown') await askFirst(login)
    else terminal.tick('z2 has had this login already, so it is not pushed again')
    ready.journal.begin({
      login: login.hold.me.login,
      refresh,
      account: sight.record?.account ?? [],
      consentEnd: null,
      before: sight.token.fingerprint,
    })
    const step = stands === 'unknown' ? 'account-ok' : 'committed'
    return carryOn(login, ready.journal.advance(step), null)
  })
}

async function askFirst({ terminal, bank, flags }: Login): Promise<void> {
  terminal.say('  ! nothing says when this token file was made, and whether what z2 has is newer')
  const { token } = fileNames[bank]
  if (await terminal.asks(`is ${token} on this Mac from your last login at the bank`, 'yes')) return
  throw new Problem(
    {
      what: 'nobody can tell which of two logins is the newer one',
      why: terminal.isInteractive
        ? 'the question was not answered with yes'
        : 'that takes an answer from a person, and this is not a terminal',
      next: ask(bank, flags.stack),
      left: `nothing was pushed; ${token} lies on this Mac, and z2 keeps what it had`,
    },
    exitCode.personNeeded,
  )
}

const nothingHere = ({ bank, flags, folder }: Ready): Problem =>
  new Problem({
    what: 'there is nothing to push',
    why: `no ${fileNames[bank].token} lies in ${folder}, and no login is unfinished`,
    next: ask(bank, flags.stack),
    left: 'nothing was changed',
  })

const noToken = ({ bank, flags }: Ready, { path }: TransitCopy): Problem =>
  new Problem({
    what: 'what lies on this Mac is no login',
    why: `${path} holds no refresh token`,
    next: ask(bank, flags.stack),
    left: 'nothing was changed',
  })
