import { exitWith } from '../lib/io/problem-report.ts'
import { projectDir } from '../tools/project.ts'
import { preview } from '../tools/wrapper.ts'

const help = `npm run preview -- [--stack NAME] [pulumi's own options]

Shows what differs on the real machines from the documented state, one line per
invariant, and changes nothing. Gets Pulumi first where it is missing.

  --stack NAME             z2 (the real host, the default) or lab
  --diff                   shows the repair script of each difference
  --expect-no-changes      ends with 7 when something differs

Ends with pulumi's own exit code, 130 when interrupted.
All options: pulumi preview --help`

await exitWith(preview(process.argv.slice(2), projectDir, help))
