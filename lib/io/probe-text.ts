import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProbeText } from '../probe.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../probe', name), 'utf8')

/** The programs of the look, as they stand in lib/probe. */
export const probeText = (): ProbeText => ({
  z2: ['run.pl', 'phrase.pl', 'file.pl', 'note.pl', 'unit.pl', 'look.pl'].map(read).join('\n'),
  ct109: read('ct109.sh'),
})
