import { styleText } from 'node:util'
import { plural } from './age.ts'
import type { Finding, State } from './finding.ts'
import type { Look } from './outcome.ts'
import { linesOf } from './paragraph.ts'
import { summarise } from './plan.ts'

// What a person reads: what matters first, the cause and not its consequences, nothing twice, 80 columns, good without
// colour. Commands to copy are the one thing that may be longer than a line.

type Style = Parameters<typeof styleText>[0]

/** How each state is marked, so that colour is never needed. */
const marks: Record<Exclude<State, 'holds'>, { mark: string; style: Style }> = {
  differs: { mark: '✗', style: 'red' },
  'needs-person': { mark: '!', style: 'yellow' },
  unknown: { mark: '?', style: 'magenta' },
}

const width = 80
/** where the texts of a finding begin */
const indent = 13

/**
 * A look as text, without a final line end.
 * @param up the command that repairs what differs
 */
export function renderLook(look: Look, up: string, colour: boolean): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const took = `${(look.tookMs / 1000).toFixed(1)} s`
  const head = `${look.host} · ${look.container}`
  const { holds, differs, needsPerson } = summarise(look.findings)
  const shown = look.findings.filter(({ state, cause }) => state !== 'holds' && cause === null)
  if (shown.length === 0) return `${head} · ${paint('green', `${holds} hold`)} · ${took}`
  const blocks = shown.map((one) => renderFinding(one, look.findings, paint))
  const blindCount = shown.filter(({ state }) => state === 'unknown').length
  const waiting = look.findings.filter(({ cause }) => cause !== null).length
  const counts = [
    `${holds} hold`,
    ...(differs ? [`${differs} ${differs === 1 ? 'differs' : 'differ'}`] : []),
    ...(needsPerson ? [`${needsPerson} ${needsPerson === 1 ? 'needs' : 'need'} you`] : []),
    ...(blindCount ? [`${blindCount} could not be looked at`] : []),
    ...(waiting ? [`${waiting} ${waiting === 1 ? 'waits' : 'wait'} for these`] : []),
  ]
  const mends = differs
    ? ['', `    ${paint('bold', up.padEnd(34))} mends ${differs === 1 ? 'it' : `the ${differs}`}`]
    : []
  return ['', `${head} · looked ${took}`, '', ...blocks, '', `  ${counts.join(' · ')}`, ...mends, ''].join(
    '\n',
  )
}

function renderFinding(one: Finding, all: Finding[], paint: (style: Style, text: string) => string): string {
  const { mark, style } = marks[one.state as keyof typeof marks]
  const kind = one.kind.replaceAll('-', ' ')
  const hanging = all.filter(({ cause }) => cause === one.id).length
  const row = (label: string, text: string): string => {
    const lines = linesOf(text, width - indent)
    return `      ${paint('dim', label)}   ${lines.join(`\n${' '.repeat(indent)}`)}`
  }
  const link = paint('dim', one.runbook)
  const whyRow = `      why    ${one.why}`
  const room = width - whyRow.length - one.runbook.length
  const why = row('why ', one.why)
  return [
    `  ${paint(style, mark)} ${one.place.padEnd(5)}  ${kind}  ${paint('bold', one.name)}`,
    row('seen', one.seen),
    row('want', one.want),
    ...(room >= 2
      ? [`${why}${' '.repeat(room)}${link}`]
      : [why, `${' '.repeat(width - one.runbook.length)}${link}`]),
    ...(one.next && one.state !== 'differs' ? [row('next', one.next)] : []),
    ...(hanging > 0 ? [`      ${plural(hanging, 'other')} ${hanging === 1 ? 'hangs' : 'hang'} on it`] : []),
  ].join('\n')
}

/** A look as programs get it. */
export function lookObject({ container: _, ...look }: Look) {
  const { findings, ...head } = look
  return { ...head, summary: summarise(findings), findings }
}

/** A look as JSON for programs, one document. */
export const renderJson = (look: Look): string => JSON.stringify(lookObject(look), null, 2)
