import type { Config } from './config.ts'
import { exitCode } from './exit-code.ts'
import { sshAsTyped } from './next-step.ts'
import type { ProbeOutput } from './probe-output.ts'
import { Problem } from './problem.ts'
import { lastSaid } from './ssh-said.ts'

/** How the ssh of a look ended. */
export type LookEnd = {
  /** exit status, null when a signal or the time limit ended it */
  status: number | null
  stderr: string
  timedOut: boolean
  /** the errno of a start that failed, as ENOENT */
  startError?: string
}

/**
 * Why nothing is known of Z2, as a Problem with exit code 3. Every path to "no look" ends here, so that none ends at
 * "fine".
 */
export function lookProblem(
  config: Config,
  end: LookEnd,
  output: Exclude<ProbeOutput, { state: 'whole' }>,
): Problem {
  const typed = sshAsTyped(config)
  return new Problem(
    {
      what: `cannot look at ${config.host}`,
      why: whyOf(end, output),
      next: end.startError === 'ENOENT' ? 'install an OpenSSH client' : `${typed} true`,
      left: 'nothing was looked at and nothing was changed',
    },
    exitCode.couldNotLook,
  )
}

function whyOf(end: LookEnd, output: Exclude<ProbeOutput, { state: 'whole' }>): string {
  const said = lastSaid(end.stderr)
  if (end.startError === 'ENOENT') return 'there is no ssh on PATH'
  if (end.startError) return `ssh could not be started (${end.startError})`
  if (end.timedOut) return 'it answered nothing for too long, so the look was given up'
  if (output.state === 'foreign') return output.why
  if (output.state === 'cut') return `the look was cut short${said ? `: ${said}` : ''}`
  if (end.status === 255) return said || 'the look was cut short: the connection was lost'
  if (end.status === 0) return `the look printed nothing${said ? `: ${said}` : ''}`
  return `the look could not run there (exit ${end.status})${said ? `: ${said}` : ''}`
}
