import type { Config } from './config.ts'
import type { Declaration, InvariantOf, Kind } from './invariant.ts'
import { leaseKeys, notePaths, recordKeys } from './login-note.ts'
import { perlLiteral } from './perl-literal.ts'
import { mountUnitsAbove } from './systemd-unit.ts'

/** The text of the programs in lib/probe, as read by lib/io. */
export type ProbeText = { z2: string; ct109: string }

/** What systemctl is asked of every unit, on both sides. */
const properties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'Result',
  'ExecMainStatus',
  'NextElapseUSecRealtime',
  'NextElapseUSecMonotonic',
  'RandomizedDelayUSec',
  'AccuracyUSec',
  'TimersCalendar',
  'TimersMonotonic',
]

/** Seconds that the host waits for `pct exec` before it says "hung"; below the limit of the whole look in lib/io/ssh-look.ts. */
const insideSeconds = 12

export const legacyPrefix = 'hinata-poll-truelayer-'

const of = <K extends Kind>({ invariants }: Declaration, kind: K): InvariantOf<K>[] =>
  invariants.filter((one): one is InvariantOf<K> => one.kind === kind)

/** `needs`: what the container's root must be able to do beside reading; `-r` for nothing more. */
type ProbedFile = { name: string; needs: '-r' | '-w'; keys: string[]; timeKey?: string }

/** The files of the data folder that are judged, with the keys that must be filled. */
function filesOf(declaration: Declaration): ProbedFile[] {
  const { keyNames } = declaration.config
  const tokens = of(declaration, 'token-file').map(({ name }) => ({
    name,
    needs: '-w' as const,
    keys: [keyNames.refreshToken],
    timeKey: keyNames.fullAuthAt,
  }))
  const credentials = of(declaration, 'credentials-file')
    .filter(({ place }) => place === 'z2')
    .map(({ name }) => ({ name, needs: '-r' as const, keys: [keyNames.clientId, keyNames.clientSecret] }))
  return [...tokens, ...credentials]
}

/**
 * The one argument that ssh carries: `echo BASE64 | base64 -d | perl - look`. Encoded, since the login shell may be
 * bash, zsh, dash or fish, and fish changes backslashes even inside single quotes.
 * @param id random and new for each look: the markers carry it, so that no file or log can forge them
 */
export function probeCommand(declaration: Declaration, text: ProbeText, id: string): string {
  const { config } = declaration
  const files = filesOf(declaration)
  const asked = properties.flatMap((name) => ['-p', name])
  const timers = of(declaration, 'timer')
  const parameters = {
    id,
    seconds: insideSeconds,
    ...paths(config),
    files,
    logs: of(declaration, 'last-poll').map(({ log }) => log),
    logins: of(declaration, 'last-poll').map(({ bank }) => ({ bank, ...notePaths(config, bank) })),
    leaseKeys,
    recordKeys,
    legacyPrefix,
    units: [
      ...of(declaration, 'legacy-unit').map(({ name }) => name),
      ...mountUnitsAbove(config.hostDataDir),
    ],
    properties,
    containerProgram: withoutComments(text.ct109),
    containerArguments: [
      config.containerRoot,
      config.containerDataDir,
      timers.map(({ name }) => name).join(' '),
      [...timers.flatMap(({ name, service }) => [name, service]), ...asked].join(' '),
      ...files.flatMap(({ name, needs }) => [needs, name]),
    ],
  }
  const program = `my $P = ${perlLiteral(parameters)};\n${withoutComments(text.z2)}`
  return `echo ${Buffer.from(program).toString('base64')} | base64 -d | perl - look`
}

const paths = ({
  hostRoot,
  containerId,
  containerName,
  proxmoxDir,
  hostDataDir: dataDir,
  unitDirs,
}: Config) => ({
  hostRoot,
  containerId,
  containerName,
  proxmoxDir,
  dataDir,
  unitDirs,
})

/** Whole-line comments are for readers; a slow link need not carry them. */
const withoutComments = (program: string): string => program.replace(/^[ \t]*#.*\n/gm, '')
