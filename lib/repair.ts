import type { Config } from './config.ts'
import type { Invariant, InvariantOf } from './invariant.ts'
import { notePaths } from './login-note.ts'
import { quote } from './quote.ts'

/** The scripts in lib/repair by the name of their file, as read by lib/io. */
export type RepairText = Record<RepairName | 'prelude', string>

export const repairNames = [
  'container',
  'address',
  'bind-mount',
  'data-folder',
  'file-access',
  'timer',
  'last-poll',
  'legacy-unit',
] as const

type RepairName = (typeof repairNames)[number]

type Repair = { script: RepairName; inside: boolean; variables: Record<string, string>; folders?: string[] }

/** What a repair of an invariant needs; null where only a person can mend it. */
function repairOf(one: Invariant, config: Config): Repair | null {
  switch (one.kind) {
    case 'container':
      return { script: 'container', inside: true, variables: {} }
    case 'address':
      return { script: 'address', inside: true, variables: { address: one.address } }
    case 'bind-mount':
      return { script: 'bind-mount', inside: true, variables: {} }
    case 'data-folder':
      return { script: 'data-folder', inside: true, variables: { policy: config.tokenAccess } }
    case 'token-file':
      return fileAccess(one, config, { needs: '-r -w', set: '06', clear: '0' })
    case 'credentials-file':
      return one.place === 'mac' ? null : fileAccess(one, config, { needs: '-r', set: '04', clear: '02' })
    case 'timer':
      return { script: 'timer', inside: true, variables: { unit: one.name, service: one.service } }
    case 'last-poll':
      return { script: 'last-poll', inside: true, variables: { service: one.service, log: one.log } }
    case 'legacy-unit':
      return legacyUnit(one, config)
    default:
      return null
  }
}

const fileAccess = (
  { name }: InvariantOf<'token-file' | 'credentials-file'>,
  config: Config,
  world: { needs: string; set: string; clear: string },
): Repair => ({
  script: 'file-access',
  inside: true,
  variables: { name, policy: config.tokenAccess, ...world },
})

const legacyUnit = ({ name }: InvariantOf<'legacy-unit'>, config: Config): Repair => ({
  script: 'legacy-unit',
  inside: false,
  variables: { unit: name, backup: config.backupDir },
  folders: config.unitDirs,
})

/** True when `up` has a script for this kind, be it only to look again after the container was started. */
export const hasScript = (one: Invariant, config: Config): boolean => repairOf(one, config) !== null

/**
 * The script of one repair for `sh -s`: variables, functions, and the call on its last line, so that a script that was
 * cut short runs nothing at all.
 * @returns null where only a person can mend it
 */
export function repairScript(one: Invariant, config: Config, text: RepairText): string | null {
  const repair = repairOf(one, config)
  if (repair === null) return null
  const variables = {
    subject: `${one.place} ${one.kind.replaceAll('-', ' ')} ${one.name}`,
    inside: repair.inside ? 'yes' : 'no',
    vmid: String(config.containerId),
    container: config.containerName,
    root: config.hostRoot,
    croot: config.containerRoot,
    proxmox: config.proxmoxDir,
    folder: config.hostDataDir,
    cfolder: config.containerDataDir,
    lease: 'bank' in one ? notePaths(config, one.bank).lease : '',
    ...repair.variables,
  }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}`)
  const folders = repair.folders
    ? [`folders() { printf '%s\\n' ${repair.folders.map(quote).join(' ')}; }`]
    : []
  return [...assignments, ...folders, text.prelude, text[repair.script], 'main', ''].join('\n')
}
