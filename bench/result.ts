import { projectDir } from '../lib/io/project.ts'
import type { Bench } from './bench.ts'
import { commandLine } from './child.ts'
import { load, machine } from './machine.ts'
import { type Part, renderPart, renderRows } from './table.ts'

/** How the run went as a whole: when it began, the load then, and how long it took. */
export type Run = { began: Date; loadBefore: string; tookMs: number }

/** bench/results.md: the table of targets, then every sample that it was made from. */
export function renderResult(
  parts: Part[],
  { trial, all, engine }: Bench,
  { began, loadBefore, tookMs }: Run,
): string {
  // Where things lie on this machine is nobody's business.
  const plain = (text: string): string =>
    text
      .replaceAll(trial.folder, '<trial>')
      .replaceAll(`${projectDir}/`, '')
      .replaceAll(process.execPath, 'node')
  return [
    '# Measured',
    `${began.toISOString().slice(0, 16).replace('T', ' ')} UTC, \`npm run bench\`, ${Math.round(tookMs / 60_000)} minutes. How each figure is obtained: [README.md](README.md).`,
    machine(engine)
      .map((line) => `- ${line}`)
      .join('\n'),
    `- load of the machine in the minute before ${loadBefore}, at the end ${load()}`,
    renderRows(parts.flatMap(({ rows }) => rows)),
    '## Samples',
    ...parts.map(renderPart),
    '## Commands',
    'Each of them looks at the same lab; `<trial>` is a copy of this checkout.',
    `\`\`\`\n${all.map((one) => `${one.name}\n  ${plain(described(one.look(trial.way)))}`).join('\n')}\n\`\`\``,
    '',
  ].join('\n\n')
}

/** A command with what it is given in its environment. */
function described(command: Parameters<typeof commandLine>[0]): string {
  const given = Object.entries(command.env ?? {}).map(([name, value]) => `${name}='${value}'`)
  return [...given, commandLine(command)].join(' ')
}
