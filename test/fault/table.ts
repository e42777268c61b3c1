import { families, figures, type Row } from './row.ts'

/** Rows by the names of their tests. */
export type Rows = { [test: string]: Row }
/** The same by the name of the test file that they come from, by lab. */
export type Results = { [lab in Lab]?: { [file: string]: Rows } | undefined }
export type Lab = 'simulation' | 'real'

const labs: Lab[] = ['simulation', 'real']
const labName: Record<Lab, string> = { simulation: 'simulation', real: 'real lab' }

/** Several tests of one fault are one row: what they count is added up. */
export function merged(rows: Row[]): Row[] {
  const byFault = new Map<string, Row>()
  for (const row of rows) {
    const key = `${row.family}\n${row.fault}`
    const before = byFault.get(key)
    const sums = [...figures, 'cases' as const].flatMap((name) => {
      const sum = (before?.[name] ?? 0) + (row[name] ?? (name === 'cases' ? 1 : 0))
      return sum > 0 ? [[name, sum] as const] : []
    })
    byFault.set(key, { ...(before ?? row), ...Object.fromEntries(sums) })
  }
  return [...byFault.values()]
}

const rowsOf = (results: Results, lab: Lab): Row[] =>
  merged(
    Object.entries(results[lab] ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, rows]) => Object.values(rows)),
  )

const sum = (rows: Row[], name: (typeof figures)[number] | 'cases'): number =>
  rows.reduce((total, row) => total + (row[name] ?? 0), 0)

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const line = (cells: (string | number)[]): string =>
  `| ${cells.map((one) => cell(String(one))).join(' | ')} |`
const table = (head: string[], body: (string | number)[][]): string[] => [
  line(head),
  `|${head.map(() => '---').join('|')}|`,
  ...body.map(line),
]

/** What a row counts beside its cases: `1000 seeds, 212 kills`. */
const counts = (row: Row): string =>
  figures.flatMap((name) => (row[name] ? [`${row[name]} ${name}`] : [])).join(', ')

/** The totals of a run, a line each lab. */
export function totals(results: Results): string[][] {
  return labs.flatMap((lab) => {
    const rows = rowsOf(results, lab)
    if (rows.length === 0) return []
    return [
      [labName[lab], rows.length, sum(rows, 'cases'), ...figures.map((name) => sum(rows, name))].map(String),
    ]
  })
}

export const totalsHead = ['where', 'faults', 'cases', ...figures]

function family(name: Row['family'], results: Results): string[] {
  const body = labs.flatMap((lab) =>
    rowsOf(results, lab)
      .filter((row) => row.family === name)
      .map((row) => [
        row.fault,
        labName[lab],
        row.sees,
        row.exit,
        row.after,
        [row.cases ?? 1, counts(row)].filter(Boolean).join('; '),
      ]),
  )
  if (body.length === 0) return []
  const head = ['fault', 'where', 'what a person sees', 'exit code', 'afterwards', 'cases']
  return [
    '',
    `## ${ownSpelling[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`}`,
    '',
    ...table(head, body),
  ]
}

/** Families that are written in a way of their own at the head of a table. */
const ownSpelling: { [name: string]: string } = { ssh: 'SSH', systemd: 'systemd' }

const intro = `# Faults

What goes wrong, tried. \`npm run test:faults\` writes this page: every line is a test that was run and passed, and nothing here is a
plan. What a person sees is what it asserted or printed, without moments. Three promises are looked after in each of them:

- what could not be looked at is never called fine;
- the only live token of a bank is never lost;
- no secret is printed, logged, kept in a state or visible in a process list.

A run in which one of them is broken ends with something else than 0, and what failed gets no line here.`

const limits = `## What cannot be handled

| fault | what a person sees |
|---|---|
| the Mac ends between the bank's processing of a login and the write of its answer, some milliseconds | the next run says \`the login was lost, log in again\`; at Monzo the chain on CT109 may have ended with it |
| a link so slow that a look takes more than 25 seconds | \`it answered nothing for too long, so the look was given up\`, exit 3; nothing is guessed |
| Z2's own root lies, in the form that a look expects | what it says is shown as what was seen, without control characters; nothing of it is run, and no token goes anywhere but to the host that ssh knows by its key |
| a poller that loses its own rotated token | the doctor says \`refresh dead\`; a person logs in again |
| flags of Pulumi's own after \`npm run preview\` and \`npm run up\` | they are Pulumi's to judge: its own message and exit code |`

/** docs/faults.md, from what the runs have found. */
export function render(results: Results): string {
  return [
    intro,
    '',
    ...table(totalsHead, totals(results)),
    ...families.flatMap((name) => family(name, results)),
    '',
    limits,
    '',
  ].join('\n')
}
