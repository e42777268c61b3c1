import { plural } from '../../lib/age.ts'
import type { AuditEntry } from './audit.ts'
import { monzoKnobs, truelayerKnobs } from './knob.ts'
import type { BankSummary, ChainSummary } from './summary.ts'

const shownOver = 3

/** A few lines for a person about what a bank knows. Times are UTC, as everything in a lab. */
export function reportBank({ bank, url, redirectUris, knobs, chains }: BankSummary): string {
  const living = chains.filter(({ over }) => over === null)
  const over = chains.filter((chain) => chain.over !== null)
  const turned = turnedKnobs(bank, knobs)
  return [
    `${bank}  ${url}${bank === 'monzo' ? `   the app on the phone: ${url}/app` : ''}`,
    ...(living.length === 0 ? ['  no login lives'] : living.map((chain) => `  ${reportChain(bank, chain)}`)),
    ...(over.length === 0 ? [] : [`  over: ${listOver(over)}`]),
    ...turned.map((line) => `  set: ${line}`),
    ...knobs.trouble.map((trouble) => `  trouble: ${reportTrouble(trouble)}`),
    ...redirectUris.map((uri) => `  comes back to: ${uri}`),
  ].join('\n')
}

function reportChain(
  bank: BankSummary['bank'],
  { id, approved, consentDays, accessUntil }: ChainSummary,
): string {
  const parts = [
    `${id} lives`,
    `login ${days(consentDays)} ago`,
    ...(bank === 'monzo' ? [approved ? 'approved in the app' : 'waits for the approval in the app'] : []),
    accessUntil === null ? 'no access token' : `access token until ${minute(accessUntil)}`,
  ]
  return parts.join(', ')
}

const days = (count: number): string => (count < 1 ? 'less than a day' : plural(Math.floor(count), 'day'))
const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

function listOver(chains: ChainSummary[]): string {
  const latest = chains.slice(-shownOver).map(({ id, over }) => `${id} ${over}`)
  const more = chains.length - latest.length
  return `${more > 0 ? `${more} earlier, ` : ''}${latest.join(', ')}`
}

/** `approve=never`: what is not as it is by default. */
function turnedKnobs(bank: BankSummary['bank'], knobs: object): string[] {
  const defaults: Record<string, unknown> = (bank === 'monzo' ? monzoKnobs : truelayerKnobs).parse({})
  return Object.entries(knobs)
    .filter(([name, value]) => name !== 'trouble' && value !== defaults[name])
    .map(([name, value]) => `${name}=${value}`)
}

const reportTrouble = ({ how, on, ...rest }: { how: string; on: string }): string =>
  [`${how} on=${on}`, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(' ')

/** One line of what happened, with fingerprints in the place of tokens. */
export const reportEvent = ({ at, event, chain, used, issued, says }: AuditEntry): string =>
  [
    at.slice(11, 19),
    event.padEnd('exchange-refused'.length),
    chain ?? '-',
    ...(used === undefined ? [] : [`used ${used}`]),
    ...(issued === undefined ? [] : [`issued ${issued}`]),
    ...(says === undefined ? [] : [says]),
  ].join('  ')
