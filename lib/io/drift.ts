import { exitCode } from '../exit-code.ts'
import { lookArguments } from './arguments.ts'
import { stackConfig } from './config-cache.ts'
import { observe } from './observe.ts'
import { report } from './problem-report.ts'

const help = `npm run drift -- [--json] [--stack NAME | --all]

Looks at z2, at the container on it and at this Mac, and says what differs from
the documented state. Changes nothing, and never talks to a bank.

  --json        one JSON document instead of text
  --stack NAME  which stack: Pulumi.NAME.yaml (default z2)
  --all         every stack, all at once; the worst exit code counts, 64 before
                3 before 4 before 2. A lab that is not up is left out
  --help        this text

--json --all
  exitCode      the worst
  stacks[]      what --json prints of each, and its exitCode; or stack, host,
                exitCode and problem (what, why, next), where there is no look
  leftOut[]     names of labs that are not up

exit codes
   0  everything is as documented
   2  something differs, and npm run up repairs it
   3  could not look
   4  a person is needed
  64  wrong usage or configuration
 130  interrupted`

/** `npm run drift`: prints the look to standard output, problems to standard error; returns the exit code. */
export async function drift(argv: string[]): Promise<number> {
  try {
    const isAll = argv.includes('--all')
    const rest = argv.filter((word) => word !== '--all')
    const { json, stack, help: asked } = lookArguments(rest, 'drift')
    if (asked) {
      console.log(help)
      return exitCode.asWanted
    }
    if (isAll) {
      const { driftAll } = await import('./drift-all.ts')
      return await driftAll(json, rest)
    }
    const observed = observe(await stackConfig(stack), stack)
    // Loaded while ssh connects; what goes wrong meanwhile is thrown where it is awaited.
    observed.catch(() => undefined)
    const [{ renderJson, renderLook }, { outcome }, { upCommand }] = await Promise.all([
      import('../report.ts'),
      import('../outcome.ts'),
      import('../next-step.ts'),
    ])
    const { look } = await observed
    const colour = process.stdout.hasColors?.() ?? false
    console.log(json ? renderJson(look) : renderLook(look, upCommand(stack), colour))
    return outcome(look.findings)
  } catch (error) {
    return report(error)
  }
}
