/** The exit codes of every script here. The worst finding decides: 3 before 4 before 2 before 0. */
export const exitCode = {
  /** everything is as wanted */
  asWanted: 0,
  /** the command itself failed */
  failed: 1,
  /** something differs and `pulumi up` repairs it */
  differs: 2,
  /** could not look: host unreachable, host key, pct missing, probe cut short */
  couldNotLook: 3,
  /** a person is needed: log in again, approve in the app */
  personNeeded: 4,
  /** wrong usage or configuration (EX_USAGE of sysexits(3)) */
  usage: 64,
  /** interrupted (128 + SIGINT) */
  interrupted: 130,
} as const

/** What counts of several ends: what is worst for who must act on it. A stack that cannot be read says nothing at all. */
const gravity: number[] = [
  exitCode.failed,
  exitCode.usage,
  exitCode.couldNotLook,
  exitCode.personNeeded,
  exitCode.differs,
]

/** The exit code of several looks: the worst of theirs. */
export const worstOf = (codes: number[]): number =>
  gravity.find((code) => codes.includes(code)) ?? exitCode.asWanted
