import { fileNames } from '../../invariant.ts'
import { inLine, withoutControls } from '../../mask.ts'
import { push as pushCommand } from '../../next-step.ts'
import { see } from './answer.ts'
import type { Ready } from './login.ts'
import { resume } from './resume.ts'
import { runLoginCommand } from './session.ts'
import { readTransitCopy, removeTransitCopy } from './transit-copy.ts'
import { verdictOn } from './verdict.ts'

const help = `npm run verify -- monzo | truelayer [--yes] [--stack NAME]

The runbook's Verify: the last lines of the poller's log, masked on the host,
and one sentence on what they mean. Finishes a login that was interrupted, and
deletes the copy on this Mac once a poll with it was good.

  --yes         do not ask where a program can know the answer
  --stack NAME  which stack: Pulumi.NAME.yaml (default z2)
  --help        this text

exit codes
   0  the last poll is good
   1  failed
   2  npm run up repairs it
   3  z2 could not be reached
   4  a person is needed
  64  wrong usage or configuration
 130  interrupted; the same command carries on`

/** lines of the log, as in the runbooks */
const tailLines = 15

/** `npm run verify`. @returns the exit code */
export const verify = (argv: string[]): Promise<number> => runLoginCommand(argv, 'verify', help, look)

async function look(ready: Ready): Promise<number> {
  const { bank, terminal, config, z2 } = ready
  const unfinished = ready.journal.read()
  if (unfinished !== null) {
    await resume(ready, unfinished)
    terminal.say()
  }
  const tail = await terminal.wait('reading the log', null, z2.ask({ do: 'tail', lines: tailLines }))
  console.log(`poll-${bank}.log on ct${config.containerId}, masked`)
  if ('failed' in tail) console.log(`  could not be read: ${withoutControls(tail.failed)}`)
  // Behind a bar: nothing that somebody writes into the log can be taken for a line of ours.
  else for (const line of tail.lines) console.log(`  │ ${inLine(line)}`)
  const found = await terminal.wait('looking at z2', null, verdictOn(ready))
  console.log(`\n${bank}: ${found.verdict.replaceAll('-', ' ')}: ${found.what}`)
  if (found.why) console.log(found.why)
  if (found.next) console.log(`next: ${found.next}`)
  if (found.dont) console.log(`don't: ${found.dont}`)
  if (found.verdict === 'healthy') await tidyUp(ready)
  return found.exitCode
}

/** A copy without a journal goes when Z2 is known to have had it: by fingerprint, never by its age. */
async function tidyUp(ready: Ready): Promise<void> {
  const { bank, terminal, flags } = ready
  const copy = readTransitCopy(ready)
  if (copy === null || copy.refresh === null) return
  const { record, token } = await see(ready)
  const { token: name, credentials } = fileNames[bank]
  if (copy.refresh === token.fingerprint || copy.refresh === record?.refresh) {
    removeTransitCopy(ready, copy.refresh)
    terminal.tick(`Mac copy of ${name} deleted. ${credentials} stays`)
  } else {
    terminal.say(`  ! ${name} lies on this Mac, and nothing shows that z2 ever had it; it was left alone`)
    terminal.say(`    ${pushCommand(bank, flags.stack)} brings it there, if it is from your last login`)
  }
}
