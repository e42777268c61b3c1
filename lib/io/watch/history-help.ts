/** What `npm run history -- --help` prints. */
export const historyHelp = `npm run history -- [--days N] [--json] [--stack NAME]

What looks have seen over time: since when something is not as documented, how
often it was, how long each time, what ended it; when somebody logged in at each
bank; what npm run up has repaired; when nothing could be looked at. Looks at
nothing itself: it reads what the schedule, npm run status and npm run up noted.

  --days N         of the last N days only, 1 to 400 (default all)
  --json           one JSON document instead of text
  --stack NAME     which stack: Pulumi.NAME.yaml (default z2)
  --help           this text

A state counts from the look that saw it to the next one. Something that is off
three times in a week is said to flap.

--json
  stack, host, from, to    the first and the last look, or null
  banks[]          bank, lastGood, logins[], and as an invariant; state is the
                   doctor's verdict
  invariants[]     those that were not always as wanted
    id, state      as of the last look: holds, differs, needs-person, unknown,
                   waits (for what it hangs on), unseen (nothing was looked at)
    since          from when on it is so
    times, timesInWeek, minutesOff
    spells[]       from, to (null: goes on), heldAt (the last look before it
                   that saw it as wanted, or null), state, seen, and by: up,
                   login or null
  blind[]          from, to, seen: when nothing could be looked at, and why
  repairs[]        at, mended: the ids that an up repaired
  told[]           at, what, how: what a person was told, and by which ways
  badLines         lines of the file that cannot be read
  times are ISO 8601

exit codes
   0  shown, also where there is nothing yet
   1  the history cannot be read
  64  wrong usage or configuration`
