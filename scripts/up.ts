import { exitWith } from '../lib/io/problem-report.ts'
import { finalLook } from '../tools/final-look.ts'
import { projectDir } from '../tools/project.ts'
import { up } from '../tools/wrapper.ts'

const help = `npm run up -- [--stack NAME] [pulumi's own options]

Repairs just what differs from the documented state, checks each repair, says
what only a person can repair, and looks once more at the end. Gets Pulumi first
where it is missing. Asks before it repairs; without a terminal it does not ask.

  --stack NAME             z2 (the real host, the default) or lab
  --yes                    repairs without asking

Ends with 0 as wanted, 1 failed, 2 still differs, 3 could not look,
4 a person is needed, 64 wrong usage, 130 interrupted.
All options: pulumi up --help`

await exitWith(up(process.argv.slice(2), projectDir, help, finalLook))
