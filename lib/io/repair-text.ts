import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RepairText, repairNames } from '../repair.ts'

const read = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../repair', `${name}.sh`), 'utf8')

/** The scripts of the repairs, as they stand in lib/repair. */
export const repairText = (): RepairText =>
  Object.fromEntries(['prelude', ...repairNames].map((name) => [name, read(name)])) as RepairText
