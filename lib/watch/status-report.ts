import { styleText } from 'node:util'
import { clock } from '../age.ts'
import type { State } from '../finding.ts'
import { installSchedule, look, showSchedule } from '../next-step.ts'
import { linesOf } from '../paragraph.ts'
import { bankRows, type Paint, type Style } from './bank-rows.ts'
import type { Off, Status } from './status.ts'

// One screen, 80 columns: the banks first, then what else does not hold, then what to do. Nothing is said twice, so what a
// bank's own row says is not among the rest. Only a command to copy may be longer than a line.

const width = 80

/** How each state is marked, so that colour is never needed. */
const marks: Record<Exclude<State, 'holds'>, { mark: string; style: Style }> = {
  differs: { mark: '✗', style: 'red' },
  'needs-person': { mark: '!', style: 'yellow' },
  unknown: { mark: '?', style: 'magenta' },
}

/** As much of what does not hold, and of what to do, as a screen of 24 lines has room for. */
const mostRows = 4
const mostSteps = 3

/** A status as text, without a final line end. */
export function renderStatus(status: Status, colour: boolean): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
  const nowMs = Date.parse(status.lookedAt)
  return [
    '',
    ...headOf(status, paint),
    '',
    ...status.banks.flatMap((bank) => bankRows(bank, isShared(status, bank.finding), nowMs, paint)),
    ...offRows(status, paint),
    '',
    ...nextRows(status, paint),
    '',
    paint('dim', `  ${watchedRow(status, nowMs)}`),
    '',
  ].join('\n')
}

function headOf({ host, container, lookedAt, tookMs, drift, problem }: Status, paint: Paint): string[] {
  const at = `looked ${clock(Date.parse(lookedAt), Date.parse(lookedAt))}, ${(tookMs / 1000).toFixed(1)} s`
  if (!drift) {
    const why = linesOf(problem?.why ?? '', width - 2).map((line) => `  ${line}`)
    return [`${host} · ${paint('magenta', problem?.what ?? '')} · ${at}`, ...why]
  }
  const { holds, differs, needsPerson } = drift.summary
  const blind = drift.off.filter(({ state }) => state === 'unknown').length
  const counts = [
    drift.off.length === 0 ? paint('green', `${holds} hold`) : `${holds} hold`,
    ...(differs ? [`${differs} ${differs === 1 ? 'differs' : 'differ'}`] : []),
    ...(needsPerson ? [`${needsPerson} ${needsPerson === 1 ? 'needs' : 'need'} you`] : []),
    ...(blind ? [`${blind} not looked at`] : []),
  ]
  const head = `${host} · ${container}`
  const plain = [`${holds} hold`, ...counts.slice(1)].join(' · ')
  const isShort = `${head} · ${plain} · ${at}`.length <= width
  return isShort ? [[head, ...counts, at].join(' · ')] : [`${head} · ${at}`, counts.join(' · ')]
}

/** True where both banks have their verdict from one finding: it is shown once, with what does not hold. */
const isShared = ({ banks }: Status, finding: string): boolean =>
  banks.filter((bank) => bank.finding === finding).length > 1

function offRows({ drift, banks, stack }: Status, paint: Paint): string[] {
  const isSaid = ({ id }: Off): boolean => banks.filter(({ finding }) => finding === id).length === 1
  const rest = (drift?.off ?? []).filter((one) => !isSaid(one))
  if (rest.length === 0) return []
  const rows = rest.slice(0, mostRows).map(({ place, kind, name, seen, state, hanging }) => {
    const { mark, style } = marks[state]
    const tail = hanging > 0 ? ` (${hanging} more ${hanging === 1 ? 'hangs' : 'hang'} on it)` : ''
    const text = `${place}  ${kind.replaceAll('-', ' ')} ${name}: `
    const room = width - 4 - text.length - tail.length
    return `  ${paint(style, mark)} ${text}${cut(seen, Math.max(room, 12))}${tail}`
  })
  const more = rest.length - rows.length
  return ['', ...rows, ...(more > 0 ? [`    ${more} more: ${look(stack)}`] : [])]
}

const cut = (text: string, room: number): string => {
  const line = text.replaceAll('\n', ' ')
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`
}

function nextRows({ next, stack }: Status, paint: Paint): string[] {
  if (next.length === 0) return [`  ${paint('green', 'nothing to do')}`]
  const rows = next.slice(0, mostSteps).flatMap(({ command, why }) => {
    if (command.length <= 36 && why) return [`${paint('bold', command.padEnd(36))}  ${why}`]
    return linesOf(command, width - 8).map((line) => paint('bold', line))
  })
  const more = next.length - mostSteps
  const all = [...rows, ...(more > 0 ? [`${more} more: ${look(stack)}`] : [])]
  return all.map((row, at) => (at === 0 ? '  next  ' : ' '.repeat(8)) + row)
}

function watchedRow({ watched, stack }: Status, nowMs: number): string {
  if (watched.lookedAt === null) return `nothing looks by itself yet: ${installSchedule(stack)}`
  const at = clock(Date.parse(watched.lookedAt), nowMs)
  if (!watched.isSilent) return `the schedule looked at ${at}`
  return `the schedule has not looked since ${at}: ${showSchedule(stack)}`
}
