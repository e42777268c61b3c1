import { styleText } from 'node:util'
import type { Diagnosis, DoctorVerdict } from './diagnosis.ts'
import { linesOf } from './paragraph.ts'

// What a person reads: one block a bank, the verdict first, then what was seen, what it means, and the one next thing.
// 80 columns; only a command to copy may be longer.

type Style = Parameters<typeof styleText>[0]

const styles: Partial<Record<DoctorVerdict, Style>> = {
  healthy: 'green',
  'refresh-dead': 'red',
  'tokens-missing': 'red',
  'container-down': 'red',
  'not-pushed': 'red',
  unknown: 'magenta',
  unreachable: 'magenta',
}

const margin = ' '.repeat(11)
const room = 80 - margin.length

/** The diagnoses as text, without a final line end. */
export function renderDoctor(diagnoses: Diagnosis[], colour: boolean): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const row = (label: string, text: string): string[] => {
    if (text === '') return []
    const [first, ...rest] = linesOf(text, room)
    return [label.padEnd(margin.length) + first, ...rest.map((line) => margin + line)]
  }
  const blocks = diagnoses.map(({ bank, verdict, what, why, next, dont, runbook }) =>
    [
      `${bank.padEnd(margin.length - 1)} ${paint(styles[verdict] ?? 'yellow', verdict.replaceAll('-', ' '))}`,
      ...row('', what),
      // What was seen says it all where nothing is wrong.
      ...(verdict === 'healthy' ? [] : row('', why)),
      ...row('next', next),
      ...row("don't", dont ?? ''),
      ...(verdict === 'healthy' ? [] : row('', paint('dim', runbook))),
    ].join('\n'),
  )
  return `\n${blocks.join('\n\n')}\n`
}
