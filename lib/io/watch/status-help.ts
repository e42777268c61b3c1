/** What `npm run status -- --help` prints. */
export const statusHelp = `npm run status -- [--json] [--watch] [--every SECONDS] [--stack NAME | --all]

One screen, from one look: each bank's verdict, its last good poll and its next
one, how long the consent lasts, what else differs, and what to do next. Changes
nothing, never talks to a bank, and never reads a token.

  --json           one JSON document; with --watch one a line, each look
  --watch          looks again and again over one connection, until Ctrl-C
  --every SECONDS  between two looks of --watch, 2 to 50 (default 15)
  --stack NAME     which stack: Pulumi.NAME.yaml (default z2)
  --all            every stack, all at once; a lab that is not up is left out
  --help           this text

What was seen is added to the history, as it is by the schedule; --watch adds
what has changed. Where --watch writes to a file or a pipe, it writes a screen
when something has changed.

--json
  stack, host, container, lookedAt, tookMs
  exitCode         as below
  problem          null, or what and why where nothing could be looked at
  banks[]          what npm run doctor -- --json says of a bank, and
    finding        the id of the finding that the verdict comes from
    lastGood       the last good poll, or null
    nextPoll       when the timer fires next, or null
    isPolling      a poll is running
    before         where nothing was seen: verdict and at of the last look that
                   saw anything; null otherwise
    consent        null, or endsAt, daysLeft, renewFrom, and isNamed: the bank
                   named the end itself
  drift            null where nothing was seen, else
    summary        holds, differs, needsPerson, unknown
    off[]          what does not hold, causes only: id, place, kind, name, seen,
                   state, and how many more hang on it
  next[]           what to do, in order: command, why
  watched          lookedAt of the schedule's last look, or null, and isSilent:
                   it should have looked since
  times are ISO 8601
  with --all: exitCode, the worst; stacks[], each as above, or stack, host,
  exitCode and problem where its configuration is wrong; leftOut[], the names

exit codes
   0  everything is as documented
   2  something differs, and npm run up repairs it
   3  could not look
   4  a person is needed
  64  wrong usage or configuration
 130  interrupted`
