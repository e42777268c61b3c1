import { median, type Sample, seconds, spread } from './sample.ts'

/** A line of the table. `met` is null for what is counted and has no target. */
export type Row = { measured: string; target: string; got: string; met: boolean | null }

/** What one measurement gives: lines of the table, and the samples that they are made from. */
export type Part = { title: string; rows: Row[]; samples: Sample[]; notes?: string[] }

const verdict = ({ met }: Row): string => (met === null ? 'counted' : met ? 'met' : '**missed**')

const line = (cells: string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** A table of Markdown, head first. */
const table = (head: string[], rows: string[][]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')

/** The table of targets. */
export const renderRows = (rows: Row[]): string =>
  table(
    ['measured', 'target', 'got', ''],
    rows.map((row) => [row.measured, row.target, row.got, verdict(row)]),
  )

/** The samples of a part, with their spread. */
export const renderSamples = (samples: Sample[]): string =>
  table(
    ['', 'repetitions', 'median', 'quickest', 'slowest'],
    samples.map((sample) => {
      const [low, high] = spread(sample)
      const figures = [median(sample), low, high].map(seconds)
      return [sample.name, String(sample.times.length), ...figures]
    }),
  )

/** A part as a section: its samples, and what has to be said of them. */
export const renderPart = ({ title, samples, notes = [] }: Part): string =>
  [`### ${title}`, ...(samples.length > 0 ? [renderSamples(samples)] : []), ...notes].join('\n\n')
