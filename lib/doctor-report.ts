import { styleText } from 'node:util'
import type { Diagnosis, DoctorVerdict } from './diagnosis.ts'

// What a person reads: one block a bank, the verdict first, then what was seen, what it means, and the one next thing.

type Style = Parameters<typeof styleText>[0]

const styles: Partial<Record<DoctorVerdict, Style>> = {
  healthy: 'green',
  'refresh-dead': 'red',
  'tokens-missing': 'red',
  'container-down': 'red',
  unknown: 'magenta',
}

/** The diagnoses as text, without a final line end. */
export function renderDoctor(diagnoses: Diagnosis[], colour: boolean): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const blocks = diagnoses.map(({ bank, verdict, what, why, next, dont, runbook }) =>
    [
      `${bank.padEnd(10)} ${paint(styles[verdict] ?? 'yellow', verdict.replaceAll('-', ' '))}`,
      `           ${what}`,
      `           ${why}`,
      ...(next ? [`next       ${next}`] : []),
      ...(dont && verdict !== 'healthy' ? [`don't      ${dont}`] : []),
      ...(verdict === 'healthy' ? [] : [`           ${paint('dim', runbook)}`]),
    ].join('\n'),
  )
  return `\n${blocks.join('\n\n')}\n`
}
