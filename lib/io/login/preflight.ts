import { join } from 'node:path'
import { exitCode } from '../../exit-code.ts'
import { fileNames } from '../../invariant.ts'
import type { CallbackAddress } from '../../login/callback-address.ts'
import { preflight } from '../../login/preflight.ts'
import { logIn } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { see } from './answer.ts'
import { ensurePrivateFolder, removeDurably, writeDurably } from './durable-file.ts'
import { journalFolder } from './journal-file.ts'
import type { Login } from './login.ts'
import { fingerprintOf } from './transit-copy.ts'
import { openUpload } from './upload.ts'

const tryName = (bank: string): string => `${bank}.try`

/**
 * Everything that could go wrong after the login is tried before it: a browser opens only when the tokens have a place to
 * go to (reauth.md, step 2).
 * @throws Problem naming the first thing that is not as documented
 */
export async function checkBeforehand(login: Login, address: CallbackAddress): Promise<void> {
  const { bank, config, terminal } = login
  const client = fingerprintOf(login.credentials().id)
  tryMac(login)
  const sight = await terminal.wait('looking at z2 and ct109', null, see(login))
  const { doubts, freeBytes } = preflight(bank, config, login.flags.stack, sight, client, Date.now() / 1000)
  const upload = await terminal.wait('trying the upload', null, tryUpload(login))
  const how = upload.how === 'sftp' ? 'upload tried' : `upload tried, through ssh itself since ${upload.why}`
  terminal.tick(`z2 and ct109 as documented, ${how}, ${gigabytes(freeBytes)} free`)
  const same = sight.credentials.client === client
  terminal.tick(
    `${fileNames[bank].credentials} is readable${same ? ' and is the client that ct109 uses' : ''}`,
  )
  terminal.tick(`${address.redirectUri} is where the bank sends the browser back to`)
  for (const { says, question } of doubts) {
    terminal.say(`  ! ${says}`)
    if (question !== null && !login.flags.yes && !(await terminal.asks(question, 'yes')))
      throw doubted(login, says)
  }
  if (bank === 'monzo') terminal.say('finishing this login ends the chain that ct109 holds now')
}

/** The disk of this Mac takes a private file for good: the bank's reply will have nowhere else to go. */
function tryMac({ folder, bank, journal }: Login): void {
  const path = join(journalFolder(folder), tryName(bank))
  ensurePrivateFolder(journalFolder(folder))
  journal.tidy()
  writeDurably(path, 'a try, before anything is at stake\n')
  removeDurably(path)
}

async function tryUpload({
  config,
  project,
  bank,
}: Login): Promise<{ how: 'sftp' | 'ssh'; why: string | null }> {
  const upload = await openUpload(config, project)
  try {
    await upload.put(tryName(bank), Buffer.from('a try, before anything is at stake\n'))
    await upload.remove(tryName(bank))
    return { how: upload.how, why: upload.why }
  } finally {
    await upload.end()
  }
}

const gigabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${Math.floor(bytes / 1e9)} GB` : `${Math.floor(bytes / 1e6)} MB`

const doubted = ({ bank, flags, terminal }: Login, why: string): Problem =>
  new Problem(
    {
      what: 'the login was not begun',
      why: terminal.isInteractive
        ? why
        : `${why}; that takes an answer from a person, and this is not a terminal`,
      next: logIn(bank, flags.stack),
      left: 'nothing was changed, and no browser was opened',
    },
    exitCode.personNeeded,
  )
