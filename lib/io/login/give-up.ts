import { exitCode } from '../../exit-code.ts'
import type { Journal } from '../../login/journal.ts'
import { push as pushCommand } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import type { Ready } from './login.ts'
import { forgetExchange, recoverOutcome, removePending } from './recover.ts'
import { removeTransitCopy } from './transit-copy.ts'

const word = 'give up'

/**
 * `--new-login` over an unfinished one: tokens that never reached Z2 are given up only by a typed word.
 * @throws Problem (4) when the word was not typed
 */
export async function giveUp(ready: Ready, journal: Journal): Promise<void> {
  const { terminal, bank, flags, folder } = ready
  const began = new Date(journal.startedAt).toISOString().slice(0, 16).replace('T', ' ')
  const isOnZ2 = journal.step === 'committed' || journal.step === 'polled'
  if (!isOnZ2 && !(await terminal.asks(`give up the login of ${began} UTC, which never reached z2`, word)))
    throw new Problem(
      {
        what: 'the unfinished login was kept',
        why: terminal.isInteractive
          ? `${word} was not typed`
          : 'that takes a typed word, and this is not a terminal',
        next: pushCommand(bank, flags.stack),
        left: 'nothing was changed; the login lies on this Mac, whole',
      },
      exitCode.personNeeded,
    )
  // A child that still talks to the bank would write after us.
  if (journal.step === 'exchanging') await recoverOutcome(bank, folder)
  removePending(bank, folder)
  forgetExchange(bank, folder)
  removeTransitCopy(ready, journal.refresh)
  ready.journal.end()
  terminal.tick(
    isOnZ2 ? 'the earlier login is on z2; its journal is closed' : 'the unfinished login was given up',
  )
}
