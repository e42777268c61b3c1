import { type Config, stagingDir } from '../config.ts'
import { type Bank, fileNames } from '../invariant.ts'
import { type Plain, perlLiteral } from '../perl-literal.ts'
import { quote } from '../quote.ts'
import type { Order, Verb } from './order.ts'

/** Seconds that a whole order may take on Z2: with the way there, less than lib/io/ssh-look.ts listens. */
const orderSeconds = 19
/** Seconds to wait for the lock of the bank; a repair may hold it for longer, and who has it is then told. */
const lockSeconds = 7
/** Seconds to wait for `pct exec` before it counts as hung. */
const pctSeconds = 11

const files = ['child', 'disk']
const notes = [...files, 'lease', 'record']
const locked = [...notes, 'lock', 'container', 'switch']

/** The parts of the program that each order needs, by the names of their files: a slow link need not carry the others. */
export const orderParts: Record<Verb, string[]> = {
  see: [...notes, 'token', 'container', 'switch', 'see'],
  take: [...locked, 'hold'],
  renew: [...locked, 'hold'],
  release: [...locked, 'hold'],
  stop: [...locked, 'token', 'rest'],
  start: [...locked, 'token', 'rest'],
  commit: [...locked, 'token', 'carry', 'commit'],
  poll: [...locked, 'poll'],
  polled: [...files, 'container', '../../probe/phrase', 'polled'],
  tail: [...files, 'container', 'tail'],
}

/** Shell programs that run inside the container, by the orders that ask for them. */
const inside: Record<Verb, string[]> = {
  ...{ see: ['look'], take: [], renew: [], release: ['look'], stop: ['stop'], start: ['start'] },
  ...{ commit: ['look'], poll: ['poll'], polled: ['look'], tail: ['tail'] },
}
/** The orders that may arm the switch. */
const arming: readonly Verb[] = ['renew', 'stop']
const looking: readonly Verb[] = ['see', 'polled', 'tail']

/** True for an order that changes nothing and takes no lock. */
export const onlyLooks = (verb: Verb): boolean => looking.includes(verb)

/** Reads one file of lib/login/z2 by its name: `commit.pl`, `stop.sh`. */
export type ReadPart = (name: string) => string

/**
 * The program of one order, in Perl. There are no secrets in it.
 * @param id random and new for each order: the markers of its answer carry it, so that no file or log can forge them
 */
export function orderProgram(config: Config, bank: Bank, order: Order, read: ReadPart, id: string): string {
  const shell = [...inside[order.do], ...(arming.includes(order.do) ? ['switch'] : [])]
  const programs = Object.fromEntries(shell.map((name) => [name, lean(read(`${name}.sh`))]))
  if (programs.switch) programs.switch = switchVariables(config, bank) + programs.switch
  const parameters = { id, ...parametersOf(config, bank, order), programs }
  const parts = [...orderParts[order.do], 'answer'].map((name) => read(`${name}.pl`))
  return `my $P = ${perlLiteral(parameters)};\n${lean(parts.join('\n'))}`
}

/**
 * The one argument that ssh carries. Encoded, since the login shell may be bash, zsh, dash or fish; packed, since an ssh
 * server need not take more than 32 KB in one request (RFC 4253, 6.1).
 * @param packed the program, gzipped, in base64
 */
export const orderCommand = (packed: string, { do: verb }: Order, bank: Bank): string =>
  `echo ${packed} | base64 -d | gzip -d | perl - ${verb} ${bank}`

function parametersOf(config: Config, bank: Bank, { do: verb, ...order }: Order) {
  const { hostRoot, containerRoot, containerId, containerName, proxmoxDir, runDir, stateDir } = config
  return {
    ...{ do: verb, bank, seconds: orderSeconds, lockSeconds, pctSeconds },
    isLocked: onlyLooks(verb) ? 0 : 1,
    order: plain(order),
    ...{ hostRoot, containerRoot, containerId, containerName, proxmoxDir, runDir, stateDir },
    dataDir: config.hostDataDir,
    containerDataDir: config.containerDataDir,
    stagingDir: stagingDir(config),
    tokenAccess: config.tokenAccess,
    keyNames: config.keyNames,
    ...unitsOf(bank),
    tokenFile: fileNames[bank].token,
    credentialsFile: fileNames[bank].credentials,
    log: `poll-${bank}.log`,
  }
}

const unitsOf = (bank: Bank) => ({ timer: `bulma-poll-${bank}.timer`, service: `bulma-poll-${bank}.service` })

/** The switch runs alone, without the program that armed it: it has its own variables. */
function switchVariables(config: Config, bank: Bank): string {
  const variables = {
    ...{ root: config.hostRoot, bank, vmid: String(config.containerId), container: config.containerName },
    ...{ proxmox: config.proxmoxDir, state: config.stateDir, staging: stagingDir(config) },
    ...unitsOf(bank),
  }
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join('')
}

/** A value as Perl has it: null is undef, yes is 1, no is 0. */
function plain(value: unknown): Plain {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
  return value as string | number
}

/** Whole-line comments and indentation are for readers. */
const lean = (program: string): string => program.replace(/^[ \t]*#.*\n/gm, '').replace(/^ +/gm, '')
