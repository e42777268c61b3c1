import { clock } from '../../age.ts'
import type { Config } from '../../config.ts'
import { exitCode } from '../../exit-code.ts'
import { type Bank, macDir } from '../../invariant.ts'
import { logIn, verify as verifyCommand } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { stackConfig } from '../config-cache.ts'
import { expandHome } from '../mac.ts'
import { report } from '../problem-report.ts'
import { projectDir } from '../project.ts'
import { readCredentials } from './credentials.ts'
import { endpointsOf } from './endpoint.ts'
import { takeLease } from './hold.ts'
import { heedInterruption, Interrupted } from './interruption.ts'
import { journalFile } from './journal-file.ts'
import type { Login, Ready } from './login.ts'
import { type LoginFlags, loginArguments } from './login-arguments.ts'
import { openTerminal } from './terminal.ts'
import { z2Of } from './z2.ts'

/**
 * Runs a command of a login from its arguments to its exit code. Problems are printed; an interruption says what it leaves.
 * @param work resolves to the exit code
 */
export async function runLoginCommand(
  argv: string[],
  command: 'reauth' | 'push' | 'verify',
  help: string,
  work: (ready: Ready) => Promise<number>,
): Promise<number> {
  let ready: Ready | undefined
  try {
    const asked = loginArguments(argv, command)
    if (asked === null) {
      console.log(help)
      return exitCode.asWanted
    }
    ready = prepare(asked.bank, await stackConfig(asked.flags.stack), asked.flags)
    return await work(ready)
  } catch (error) {
    // Ctrl-C reaches whatever runs in our process group as well: what fails by that is no finding of its own.
    const isCut =
      error instanceof Problem && error.exitCode === exitCode.couldNotLook && ready?.interruption.raised()
    if (!isCut && !(error instanceof Interrupted)) return report(error)
    ready?.terminal.say(`interrupted. ${leftAfter(ready)}`)
    return exitCode.interrupted
  } finally {
    ready?.interruption.end()
  }
}

function prepare(bank: Bank, config: Config, flags: LoginFlags): Ready {
  const folder = expandHome(macDir(config, bank), projectDir)
  const interruption = heedInterruption(() => process.stderr.write('\nputting things in order first\n'))
  return {
    bank,
    config,
    project: projectDir,
    folder,
    endpoints: endpointsOf(config, bank, projectDir),
    z2: z2Of(config, bank, projectDir),
    journal: journalFile(bank, folder),
    terminal: openTerminal(interruption),
    interruption,
    flags,
  }
}

function leftAfter({ journal, bank, flags }: Ready): string {
  const at = journal.read()
  if (at === null) return 'nothing was changed'
  if (at.step === 'committed' || at.step === 'polled')
    return `the tokens are on ct109; ${verifyCommand(bank, flags.stack)} finishes this`
  return `the login is kept on this Mac; ${logIn(bank, flags.stack)} carries on`
}

/** The last line of a login. @param due when CT109 refreshes for the first time, ms since 1970, where that is known */
export function onlyWriter({ config }: Ready, due: number | null): string {
  const when = due === null ? '' : `. its first refresh is due ${clock(due, Date.now())}`
  return `ct${config.containerId} is the only writer again${when}`
}

/**
 * Holds the lease of the bank while `work` runs, and gives it back whatever happens.
 * @param id of a login that is carried on; null for a new one
 */
export async function withLease<T>(
  ready: Ready,
  id: number | null,
  work: (login: Login) => Promise<T>,
): Promise<T> {
  const hold = await takeLease(ready, id)
  try {
    return await work({
      ...ready,
      hold,
      credentials: () => readCredentials(ready.bank, ready.folder, ready.config),
    })
  } finally {
    await hold.release().catch((error: Error) => {
      // It runs out by itself; what ended the work is what must be told.
      ready.terminal.say(`  ! the lease on z2 was not given back (${error.message}); it runs out by itself`)
    })
  }
}
