/** What `npm run doctor -- --help` prints. */
export const doctorHelp = `npm run doctor -- [monzo] [truelayer] [--json] [--stack NAME]

One verdict a bank, from one look at logs, timers, files and ages: what it is,
why, and the one next thing to do. Changes nothing, never talks to a bank, and
never reads a token.

  --json        one JSON document instead of text
  --stack NAME  which stack: Pulumi.NAME.yaml (default z2)
  --help        this text

verdicts, the first that fits
  unreachable        z2 could not be looked at
  not-pushed         a login is on this Mac and not on z2
  reauth-running     somebody is logging in, and who
  unknown            a part could not be looked at
  container-down     the container is stopped, or not the one that is meant
  tokens-missing     no token file on z2, or a broken one
  tokens-unreadable  ct109 cannot use its token file
  refresh-dead       the bank does not take the refresh token any more
  approval-pending   Monzo waits for the tap in its app, for a day at most
  approval-lapsed    nobody tapped within that day
  timer-stopped      the poll timer is not as documented
  stalled            the timer fires, and no poll says anything
  poll-failed        the poll service failed, and not for want of a token
  bank-trouble       the network or the bank; after an hour a person looks
  consent-ending     the full login is old, or the bank's consent ends soon
  healthy            polls run as they should

--json
  stack, host      what was looked at
  lookedAt         when, ISO 8601 by this machine's clock
  tookMs           for how long
  banks[]          one for each bank that was asked for
    bank           monzo, truelayer
    verdict        a word of the list above
    what, why      what was seen, and what that means
    next           the one next command or act; empty when there is none
    dont           what would do harm; only where something would
    runbook        the page to read
    exitCode       of this bank alone

exit codes: the worst of the banks shown, in this order
   3  could not look
   4  a person is needed
   2  npm run up repairs it
   0  healthy, or trouble at the bank for less than an hour
  64  wrong usage or configuration`
