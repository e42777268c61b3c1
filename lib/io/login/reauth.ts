import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCode } from '../../exit-code.ts'
import { fileNames } from '../../invariant.ts'
import { callbackAddress, judgeFlags } from '../../login/callback-address.ts'
import type { Journal } from '../../login/journal.ts'
import { mayLogIn } from '../../login/refusal.ts'
import { logIn, push as pushCommand } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { expandHome } from '../mac.ts'
import { readCredentials } from './credentials.ts'
import { logInAnew } from './fresh-login.ts'
import { giveUp } from './give-up.ts'
import type { Ready } from './login.ts'
import { checkBeforehand } from './preflight.ts'
import { NeverExchanged, resume } from './resume.ts'
import { onlyWriter, runLoginCommand, withLease } from './session.ts'
import { verdictForLogin } from './verdict.ts'

const help = `npm run reauth -- monzo | truelayer [options]

Logs in at the bank again, in a browser on this Mac, and does all that follows:
checks whose login it is, brings the tokens to ct109, runs one poll, waits for
the approval in the Monzo app, deletes the copy on this Mac. Refuses where a
login is not what is needed. Interrupted at any point, the same command carries
on.

  --force              a token file lies on this Mac already: replace it
  --anyway             log in although npm run doctor says something else
  --new-login          give up an unfinished login and begin a new one; asks first
  --port N             another port for the bank's way back, if 5001 is in use;
  --redirect-uri URI   with the address that is registered at the bank for it
  --no-open            open no browser, only show the address
  --yes                do not ask, but for whose account it is
  --stack NAME         which stack: Pulumi.NAME.yaml (default z2)
  --no-itachi-sync     accepted, and always so: nothing is synced anywhere else
  --help               this text

exit codes
   0  done: ct109 polls with the new login
   1  failed, or refused: standard error says what is left
   3  z2 could not be reached
   4  a person is needed: approve in the app, or read the advice
  64  wrong usage or configuration
 130  interrupted; the same command carries on`

/** `npm run reauth`. @returns the exit code */
export const reauth = (argv: string[]): Promise<number> => runLoginCommand(argv, 'reauth', help, begin)

async function begin(ready: Ready): Promise<number> {
  const { terminal, bank, flags, folder, config } = ready
  const began = performance.now()
  if (flags.noItachiSync)
    terminal.say('--no-itachi-sync: that is always so now; the sync went to units and a path that are gone')
  // A wrong flag is told at once, whatever else there is to say.
  judgeFlags({ bank, port: flags.port, redirectUri: flags.redirectUri })
  const unfinished = ready.journal.read()
  if (unfinished !== null && flags.newLogin) await giveUp(ready, unfinished)
  else if (unfinished !== null) {
    const due = await resumed(ready, unfinished)
    if (due !== 'never exchanged') return done(ready, began, due)
  }
  // What needs no look comes first.
  readCredentials(bank, folder, config)
  const { port, redirectUri } = flags
  const address = callbackAddress({
    bank,
    config,
    monzoRegistered: monzoRegistered(ready),
    port,
    redirectUri,
  })
  await refuseOverToken(ready)
  const diagnosis = await terminal.wait('looking at z2', null, verdictForLogin(ready))
  terminal.say(`${bank}: ${diagnosis.verdict.replaceAll('-', ' ')}: ${diagnosis.what}`)
  terminal.say()
  const ask = mayLogIn(diagnosis, flags)
  if (ask !== null && !flags.yes && !(await terminal.asks(ask.question, 'yes'))) throw unanswered(ready)
  const due = await withLease(ready, null, async (login) => {
    await checkBeforehand(login, address)
    return logInAnew(login, address)
  })
  return done(ready, began, due)
}

async function resumed(ready: Ready, unfinished: Journal): Promise<number | null | 'never exchanged'> {
  try {
    return await resume(ready, unfinished)
  } catch (error) {
    if (!(error instanceof NeverExchanged)) throw error
    ready.terminal.say(`  ! ${error.lines.what}`)
    return 'never exchanged'
  }
}

function done(ready: Ready, began: number, due: number | null): number {
  const seconds = Math.round((performance.now() - began) / 1000)
  const took = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  console.log(`\n${ready.bank}: done in ${took}. ${onlyWriter(ready, due)}`)
  return exitCode.asWanted
}

/** Monzo's redirect URI as far as its file tells; TrueLayer's login needs it only to tell the two apart. */
function monzoRegistered({ bank, config, project }: Ready): string | null {
  try {
    return readCredentials('monzo', expandHome(config.macMonzoDir, project), config).redirectUri ?? null
  } catch (error) {
    if (bank === 'monzo' || !(error instanceof Problem)) throw error
    return null // Monzo's own trouble is no reason to keep TrueLayer's login back
  }
}

/** A token file without a journal may be a login that was never pushed: it is not replaced without being told to. */
async function refuseOverToken({ folder, bank, flags }: Ready): Promise<void> {
  const path = join(folder, fileNames[bank].token)
  if (flags.force || (await stat(path).catch(() => null)) === null) return
  throw new Problem({
    what: `${fileNames[bank].token} lies on this Mac already`,
    why: 'it may be a login that never reached z2; a new one would replace it',
    next: `${pushCommand(bank, flags.stack)}, or ${logIn(bank, flags.stack, true)} to replace it`,
    left: 'nothing was changed',
  })
}

const unanswered = ({ terminal, bank, flags }: Ready): Problem =>
  new Problem(
    {
      what: 'the login was not begun',
      why: terminal.isInteractive
        ? 'the question was not answered with yes'
        : 'a question needs an answer, and this is not a terminal',
      next: `${logIn(bank, flags.stack)} --yes`,
      left: 'nothing was changed',
    },
    exitCode.personNeeded,
  )
