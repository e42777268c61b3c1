import type { styleText } from 'node:util'
import { clock, plural } from '../age.ts'
import type { DoctorVerdict } from '../doctor-verdict.ts'
import { linesOf } from '../paragraph.ts'
import type { BankStatus, ConsentStatus } from './bank-status.ts'

// What a screen says of one bank: the verdict, the polls, and as long as it matters, the consent.

export type Style = Parameters<typeof styleText>[0]
/** Text in a style; the text itself where there is no colour. */
export type Paint = (style: Style, text: string) => string

const styles: Partial<Record<DoctorVerdict, Style>> = {
  healthy: 'green',
  'refresh-dead': 'red',
  'tokens-missing': 'red',
  'container-down': 'red',
  'not-pushed': 'red',
  unknown: 'magenta',
  unreachable: 'magenta',
}

const indent = ' '.repeat(32)
const room = 80 - indent.length

/**
 * The rows of a bank.
 * @param isShared what was seen is said elsewhere on the screen
 */
export function bankRows(status: BankStatus, isShared: boolean, nowMs: number, paint: Paint): string[] {
  const { bank, verdict, what, dont, consent } = status
  const head = `  ${bank.padEnd(11)}${paint(styles[verdict] ?? 'yellow', verdict.replaceAll('-', ' ').padEnd(19))}`
  const isSaid =
    isShared ||
    verdict === 'healthy' ||
    verdict === 'unreachable' ||
    (verdict === 'consent-ending' && consent)
  const rows = [
    ...linesOf(pollsOf(status, nowMs), room),
    ...beforeOf(status, nowMs),
    ...(isSaid ? [] : linesOf(what, room)),
    ...(dont === undefined || isShared ? [] : linesOf(`don't ${dont}`, room)),
    ...(consent ? linesOf(consentOf(consent, nowMs), room) : []),
  ]
  return rows.map((row, at) => (at === 0 ? head : indent) + row)
}

function pollsOf({ lastGood, nextPoll, isPolling, verdict }: BankStatus, nowMs: number): string {
  const last =
    lastGood === null ? 'no good poll known' : `last good poll ${clock(Date.parse(lastGood), nowMs)}`
  if (isPolling) return `${last} · polling now`
  if (nextPoll !== null) return `${last} · next ${clock(Date.parse(nextPoll), nowMs)}`
  return verdict === 'unreachable' ? last : `${last} · no next poll`
}

const beforeOf = ({ before }: BankStatus, nowMs: number): string[] =>
  before ? [`${before.verdict.replaceAll('-', ' ')} at ${clock(Date.parse(before.at), nowMs)}`] : []

function consentOf({ endsAt, daysLeft, renewFrom }: ConsentStatus, nowMs: number): string {
  const end = dayOf(Date.parse(endsAt), nowMs)
  if (daysLeft < 0) return `consent ended ${end} · log in now`
  const renew = Date.parse(renewFrom) <= nowMs ? 'now' : `from ${dayOf(Date.parse(renewFrom), nowMs)}`
  return `consent to ${end}, ${plural(daysLeft, 'day')} · log in ${renew}`
}

/** Further away than this a day needs its year. */
const nearMs = 300 * 86_400_000

/** `10 Jan`, with the year where it could be another one. */
function dayOf(ms: number, nowMs: number): string {
  const day = new Date(ms).toDateString().split(' ')
  return `${Number(day[2])} ${day[1]}${Math.abs(ms - nowMs) < nearMs ? '' : ` ${day[3]}`}`
}
