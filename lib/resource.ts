import type { Config } from './config.ts'
import type { Finding } from './finding.ts'
import type { Chain, Declaration, Invariant, Place } from './invariant.ts'
import { quote } from './quote.ts'
import { hasScript, type RepairText, repairScript } from './repair.ts'
import { sshArguments } from './ssh-options.ts'

/** One `command.local.Command`, as data: index.ts merely hands it to the SDK. */
export type Resource = {
  name: string
  place: Place
  args: {
    interpreter: string[]
    create: string
    stdin?: string
    environment: { LAST_DRIFT: string }
    addPreviousOutputInEnv: false
    logging: 'stdout'
  }
  /** `['*']` where nothing is to be done: a preview then shows drift and nothing else */
  ignoreChanges: string[]
  /** names of resources, all earlier in the list */
  dependsOn: string[]
}

// ssh joins its arguments: the lock becomes $0, and `create`, which the engine quotes in every failure, is a plain word
// that nothing reads. 75 and 124 are what flock and timeout end with; -o, since a daemon that a repair starts would
// keep the lock.
const underLock = (config: Config, chain: Chain): string =>
  `exec sh -c 'flock -o -E 75 -w 120 "$0" timeout -k 5 60 sh -s; code=$?; ` +
  `case $code in 75) echo another repair is running;; 124) echo it took longer than 60 s;; esac; exit $code' ` +
  `${quote(`${config.hostRoot}/run/lock/bulma-${chain}`)}`

/** Prints what LAST_DRIFT says below its id. What only a person can mend ends with 1, without any session. */
const sayAndFail = '[ "$LAST_DRIFT" = none ] || { printf "%s\\n" "$LAST_DRIFT" | sed 1d; exit 1; }'

/** True for what `up` works on in this run: it differs, or it waits for something that differs. */
function isRepaired(finding: Finding, findings: Finding[]): boolean {
  const root = finding.cause === null ? finding : findings.find(({ id }) => id === finding.cause)
  return finding.state !== 'holds' && root?.state === 'differs'
}

/**
 * The resources of one run, in the order in which they may depend on one another (docs/decisions).
 * @param driftId unique to this run, so that the same drift twice is a new change
 */
export function resources(
  declaration: Declaration,
  findings: Finding[],
  driftId: string,
  text: RepairText,
): Resource[] {
  const { config, invariants } = declaration
  const repairs: Resource[] = []
  const people: Resource[] = []
  const last = new Map<Chain, string>()
  for (const one of [...invariants].sort(byChain)) {
    const finding = findings.find(({ id }) => id === one.id)
    if (!finding) continue
    const repaired = isRepaired(finding, findings) && hasScript(one, config)
    const person = finding.state === 'needs-person' && finding.cause === null
    const changed = repaired || person
    const script = person ? null : repairScript(one, config, text)
    const touchable = script !== null && (repaired || finding.state === 'holds')
    const drift = changed ? `${driftId}\n${describe(finding)}` : 'none'
    const shared = { name: one.id, place: one.place, ignoreChanges: changed ? [] : ['*'] }
    if (!touchable) {
      const args = { ...plain(drift), interpreter: ['sh', '-c', sayAndFail], create: 'a person is needed' }
      people.push({ ...shared, args, dependsOn: [] })
      continue
    }
    const before =
      last.get(one.chain) ??
      (one.place === 'z2' && one.kind === 'legacy-unit' ? undefined : last.get('container'))
    const args = {
      ...plain(drift),
      interpreter: ['ssh', ...sshArguments(config), underLock(config, one.chain)],
      create: 'repair',
      stdin: script,
    }
    repairs.push({ ...shared, args, dependsOn: before ? [before] : [] })
    last.set(one.chain, one.id)
  }
  // What needs a person comes last and stands beside its like, so that it cannot keep a repair from being made.
  const all = repairs.map(({ name }) => name)
  return [
    ...repairs,
    ...people.map((one) => ({ ...one, dependsOn: one.ignoreChanges.length > 0 ? [] : all })),
  ]
}

const plain = (drift: string) => ({
  environment: { LAST_DRIFT: drift },
  addPreviousOutputInEnv: false as const,
  logging: 'stdout' as const,
})

/** What the state keeps of a drift: names, states and numbers, never a secret. */
const describe = ({ want, seen }: Finding): string => `seen   ${seen}\nwant   ${want}`

const chains: Chain[] = [
  'container',
  'address',
  'legacy-morning',
  'legacy-evening',
  'monzo',
  'truelayer',
  'person',
]
const kinds: Invariant['kind'][] = [
  'container',
  'bind-mount',
  'data-folder',
  'token-file',
  'credentials-file',
  'timer',
  'last-poll',
]

/** Within a chain: the container, then its mount and folder; a bank's files, then its timer, then its poll. */
const byChain = (a: Invariant, b: Invariant): number =>
  chains.indexOf(a.chain) - chains.indexOf(b.chain) || kinds.indexOf(a.kind) - kinds.indexOf(b.kind)
