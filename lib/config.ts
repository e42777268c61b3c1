import * as z from 'zod/mini'
import { count, line, login, monzo, truelayer, withDefault } from './config-login.ts'
import { watch } from './config-watch.ts'
import { exitCode } from './exit-code.ts'
import { Problem } from './problem.ts'

const absolute = line.check(z.regex(/^\/.*[^/]$/u, 'must be an absolute path without a slash at its end'))
const root = line.check(z.regex(/^$|[^/]$/u, 'must be a path without a slash at its end, or empty'))
const fileName = line.check(z.regex(/^[^/]+$/u, 'must be a plain name'))
const keyNames = z.strictObject({
  refreshToken: withDefault(fileName, 'refresh_token'),
  accessToken: withDefault(fileName, 'access_token'),
  fullAuthAt: withDefault(fileName, 'full_auth_at'),
  clientId: withDefault(fileName, 'client_id'),
  clientSecret: withDefault(fileName, 'client_secret'),
})

const thresholds = z.strictObject({
  /** days after which NatWest's full login should be renewed; its consent ends on day 90 */
  tokenAgeDays: withDefault(count(1, 90), 85),
  /** minutes between two polls */
  pollMinutes: withDefault(count(1, 1440), 15),
  /** intervals without a new log line before a poll counts as stalled */
  stalledIntervals: withDefault(count(2, 100), 3),
})

const address = z.ipv4('must be an IPv4 address')

/** The keys of `Pulumi.<stack>.yaml` below `bulma:`. Every default is the documented value of the runbooks. */
export const configSchema = z.strictObject({
  /** the SSH alias of the Proxmox host; never an option of ssh */
  host: withDefault(
    line.check(z.regex(/^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/, 'must be an SSH host alias')),
    'hinata-z2',
  ),
  /** an ssh_config to use instead of the person's own, relative to the project */
  sshConfig: z.optional(line.check(z.minLength(1))),
  hostRoot: withDefault(root, ''),
  containerRoot: withDefault(root, ''),
  containerId: withDefault(count(100, 999_999_999), 109),
  containerName: withDefault(line.check(z.regex(/^[A-Za-z0-9.-]+$/, 'must be a host name')), 'bulma-finance'),
  containerAddress: withDefault(address, '192.168.1.214'),
  hostDataDir: withDefault(absolute, '/mnt/data/hinata/data/bulma'),
  containerDataDir: withDefault(absolute, '/root/data/bulma'),
  /** a folder that must be a mount point on Z2, where the data folder lies on a disk of its own */
  hostMount: z.optional(absolute),
  unitDirs: withDefault(z.array(absolute).check(z.minLength(1)), [
    '/etc/systemd/system.control',
    '/run/systemd/system.control',
    '/run/systemd/transient',
    '/run/systemd/generator.early',
    '/etc/systemd/system',
    '/etc/systemd/system.attached',
    '/run/systemd/system',
    '/run/systemd/system.attached',
    '/run/systemd/generator',
    '/usr/local/lib/systemd/system',
    '/usr/lib/systemd/system',
    '/lib/systemd/system',
    '/run/systemd/generator.late',
  ]),
  proxmoxDir: withDefault(absolute, '/etc/pve'),
  backupDir: withDefault(absolute, '/var/backups/bulma-infra'),
  /** leases of logins that are under way; gone after a reboot, as they should be */
  runDir: withDefault(absolute, '/run/bulma-infra'),
  /** what is known of the logins that were committed; outside the bind mount, since the container must not write it */
  stateDir: withDefault(absolute, '/var/lib/bulma-infra'),
  /** where uploads wait to be checked; on the file system of the data folder. Default: a hidden folder beside it */
  stagingDir: z.optional(absolute),
  macMonzoDir: withDefault(line.check(z.minLength(1)), '~/Sandpit/hinata-sandpit/data/bulma'),
  macTruelayerDir: withDefault(line.check(z.minLength(1)), '~/Sandpit/hinata/data/bulma'),
  tokenAccess: withDefault(z.enum(['world', 'mapped-owner']), 'world'),
  keyNames: z.prefault(keyNames, {}),
  thresholds: z.prefault(thresholds, {}),
  monzo: z.prefault(monzo, {}),
  truelayer: z.prefault(truelayer, {}),
  /** a file that overrides the addresses of the banks, relative to the project: the lab's */
  bankEndpoints: z.optional(line.check(z.minLength(1))),
  login: z.prefault(login, {}),
  watch: z.prefault(watch, {}),
})

/** What every part reads: validated, with the documented defaults filled in. */
export type Config = z.infer<typeof configSchema>

/** Where uploads wait on Z2, without the host's root. */
export const stagingDir = (config: Config): string =>
  config.stagingDir ?? `${config.hostDataDir.replace(/\/[^/]+$/, '')}/.bulma-infra-staging`

/**
 * Validates the values below `bulma:` of one stack.
 * @param raw keys without the namespace, values as YAML gives them
 * @param from the file that they come from, for the message
 * @throws Problem (64) that names every wrong key
 */
export function parseConfig(raw: Record<string, unknown>, from: string): Config {
  const result = configSchema.safeParse(raw)
  if (result.success) return result.data
  const wrong = result.error.issues.flatMap((issue) => {
    const path = issue.path.join('.')
    if (issue.code !== 'unrecognized_keys') return [`bulma:${path} ${reason(issue)}`]
    return issue.keys.map((key) => `bulma:${[...issue.path, key].join('.')} is not a key that is known`)
  })
  throw new Problem(
    {
      what: `the configuration in ${from} is not valid`,
      why: wrong.join('\n'),
      next: `edit ${from}; README.md lists every key`,
      left: 'nothing was looked at and nothing was changed',
    },
    exitCode.usage,
  )
}

function reason(issue: z.core.$ZodIssue): string {
  if (issue.message && issue.message !== 'Invalid input') return issue.message
  if (issue.code === 'invalid_type') return `must be a ${issue.expected}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  return 'is not valid'
}
