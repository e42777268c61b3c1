import type { Diagnosis } from '../diagnosis.ts'
import { exitCode } from '../exit-code.ts'
import type { Bank } from '../invariant.ts'
import { Problem } from '../problem.ts'
import { lookArguments } from './arguments.ts'
import { stackConfig } from './config-cache.ts'
import { doctorHelp } from './doctor-help.ts'
import { observe } from './observe.ts'
import { report } from './problem-report.ts'

const banks: Bank[] = ['monzo', 'truelayer']

/** What is said of a look beside its banks. */
type Head = { stack: string; host: string; lookedAt: string; tookMs: number }

/** `npm run doctor`: prints the diagnoses to standard output, problems to standard error; returns the exit code. */
export async function doctor(argv: string[]): Promise<number> {
  try {
    const { json, stack, help, names } = lookArguments(argv, 'doctor', banks)
    if (help) {
      console.log(doctorHelp)
      return exitCode.asWanted
    }
    const asking = banks.filter((bank) => names.length === 0 || names.includes(bank))
    const { head, diagnoses } = await examine(asking, stack)
    const [{ worst }, { renderDoctor }] = await Promise.all([
      import('../diagnosis.ts'),
      import('../doctor-report.ts'),
    ])
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

/**
 * One verdict for each bank, from one look. A Z2 that cannot be looked at is a verdict too.
 * @throws Problem (64) for a stack that is not there or not valid
 */
export async function examine(
  asking: Bank[],
  stack: string,
): Promise<{ head: Head; diagnoses: Diagnosis[] }> {
  const config = await stackConfig(stack)
  const lookedAt = new Date()
  const observed = observe(config, stack)
  // Loaded while ssh connects; what goes wrong meanwhile is thrown where it is awaited.
  observed.catch(() => undefined)
  const { diagnose, unreachable } = await import('../diagnosis.ts')
  try {
    const seen = await observed
    const { findings: _, container: __, ...head } = seen.look
    return { head, diagnoses: asking.map((bank) => diagnose(bank, seen)) }
  } catch (error) {
    if (!(error instanceof Problem) || error.exitCode !== exitCode.couldNotLook) throw error
    const [{ lookAtMac }, { projectDir }] = await Promise.all([import('./mac.ts'), import('./project.ts')])
    const mac = lookAtMac(config, projectDir)
    const tookMs = Date.now() - lookedAt.getTime()
    const head = { stack, host: config.host, lookedAt: lookedAt.toISOString(), tookMs }
    const now = lookedAt.getTime()
    return { head, diagnoses: asking.map((bank) => unreachable(bank, error.lines, mac[bank], now)) }
  }
}
