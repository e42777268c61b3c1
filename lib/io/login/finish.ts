import { fileNames } from '../../invariant.ts'
import type { Journal } from '../../login/journal.ts'
import { removeDurably } from './durable-file.ts'
import type { Login } from './login.ts'
import { forgetExchange, removePending } from './recover.ts'
import { asidePath, readTransitCopy, removeTransitCopy } from './transit-copy.ts'

/**
 * The poll was good, so the Mac's copy is dead or about to be: it goes, and with it whatever this login kept beside its
 * journal. Nothing else is deleted, and the journal last: until then this is called again.
 * @returns when CT109 will refresh for the first time, ms since 1970; null where that is not known
 */
export function finish(login: Login, journal: Journal): number | null {
  const { terminal, bank } = login
  const { token, credentials } = fileNames[bank]
  const due = readTransitCopy(login)?.expiresAt ?? null
  if (removeTransitCopy(login, journal.refresh)) {
    terminal.tick(`Mac copy of ${token} deleted. ${credentials} stays`)
  } else {
    terminal.say(`  ! ${token} on this Mac is another login's, so it was left alone`)
  }
  removePending(bank, login.folder)
  forgetExchange(bank, login.folder)
  removeDurably(asidePath(login))
  login.journal.end()
  return due
}
