import 'vitest'

/** The families of faults, in the order of the page. */
export const families = [
  'ssh',
  'login shell',
  'proxmox and container',
  'systemd',
  'files',
  'two at once',
  'killed',
  'banks',
  'hostile',
  'bad configuration and arguments',
  'randomised',
  'secrets',
] as const

/** What is counted beside the cases themselves. */
export const figures = ['seeds', 'kills', 'cuts', 'looks', 'repairs', 'commands'] as const
export type Figures = { [K in (typeof figures)[number]]?: number }

/** One fault as it is shown: what was tried, what a person saw, and how things were afterwards. */
export type Row = {
  family: (typeof families)[number]
  fault: string
  /** what a person sees, as it was asserted word for word */
  sees: string
  /** the exit codes that were asserted: `drift 3, up 3` */
  exit: string
  /** the state that was asserted afterwards */
  after: string
  /** how many times it was tried in other ways; several tests of one fault are added up */
  cases?: number
} & Figures

declare module 'vitest' {
  interface TaskMeta {
    fault?: Row
  }
}

/**
 * Says which fault a test is about, for the line that the run prints and for docs/faults.md. To be called first, so that a
 * test that fails is named as well; counts that are known only at the end may be set on what comes back.
 */
export function about(task: { meta: { fault?: Row } }, row: Row): Row {
  task.meta.fault = row
  return row
}
