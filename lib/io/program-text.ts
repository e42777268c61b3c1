import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProbeText } from '../probe.ts'
import { type RepairText, repairNames } from '../repair.ts'

const read = (...path: string[]): string => readFileSync(join(import.meta.dirname, '..', ...path), 'utf8')

/** The programs of the look, as they stand in lib/probe. */
export const probeText = (): ProbeText => ({
  z2: ['run.pl', 'file.pl', 'unit.pl', 'look.pl'].map((name) => read('probe', name)).join('\n'),
  ct109: read('probe', 'ct109.sh'),
})

/** The scripts of the repairs, as they stand in lib/repair. */
export const repairText = (): RepairText => {
  const scripts = ['prelude', ...repairNames].map((name) => [name, read('repair', `${name}.sh`)] as const)
  return Object.fromEntries(scripts) as RepairText
}
