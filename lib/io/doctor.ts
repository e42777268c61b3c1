import { exitCode } from '../exit-code.ts'
import type { Bank } from '../invariant.ts'
import { lookArguments } from './arguments.ts'
import { stackConfig } from './config-cache.ts'
import { observe, upCommand } from './observe.ts'
import { report } from './problem-report.ts'

const help = `npm run doctor -- [monzo] [truelayer] [--json] [--stack NAME]

One verdict a bank, from one look at logs, timers, files and ages: what it is,
why, and the one next thing to do. Changes nothing, never talks to a bank, and
never reads a token.

  --json        one JSON document instead of text
  --stack NAME  which stack: Pulumi.NAME.yaml (default z2)
  --help        this text

exit codes: the worst of the banks shown, in this order
   3  could not look
   4  a person is needed
   2  npm run up repairs it
   0  healthy
  64  wrong usage or configuration`

const banks: Bank[] = ['monzo', 'truelayer']

/** `npm run doctor`: prints the diagnoses to standard output, problems to standard error; returns the exit code. */
export async function doctor(argv: string[]): Promise<number> {
  try {
    const { json, stack, help: asked, names } = lookArguments(argv, 'doctor', banks)
    if (asked) {
      console.log(help)
      return exitCode.asWanted
    }
    const observed = observe(await stackConfig(stack), stack)
    // Loaded while ssh connects; what goes wrong meanwhile is thrown where it is awaited.
    observed.catch(() => undefined)
    const [{ diagnose, worst }, { renderDoctor }] = await Promise.all([
      import('../diagnosis.ts'),
      import('../doctor-report.ts'),
    ])
    const { look } = await observed
    const asking = banks.filter((bank) => names.length === 0 || names.includes(bank))
    const diagnoses = asking.map((bank) => diagnose(bank, look.findings, upCommand(stack)))
    const { findings: _, container: __, ...head } = look
    console.log(
      json
        ? JSON.stringify({ ...head, banks: diagnoses }, null, 2)
        : renderDoctor(diagnoses, process.stdout.hasColors?.() ?? false),
    )
    return worst(diagnoses)
  } catch (error) {
    return report(error)
  }
}
