/** What `npm run report -- --help` prints. */
export const reportHelp = `npm run report -- [--days N] [--out FILE] [--stack NAME]

Writes what looks have seen over time as one HTML page: a timeline for each bank
and each invariant, what was done and what was told. It loads nothing, runs
nothing and can be opened from a file, also on a phone. Looks at nothing itself.

  --days N         the last N days, 1 to 400 (default 30)
  --out FILE       where to; - is standard output
                   (default: STACK.html beside the history)
  --stack NAME     which stack: Pulumi.NAME.yaml (default z2)
  --help           this text

The file is for you alone (0600). It holds no secret, but what runs where.

exit codes
   0  written, also where there is nothing yet
   1  the history cannot be read, or the page cannot be written
  64  wrong usage or configuration`
