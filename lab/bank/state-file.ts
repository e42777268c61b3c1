import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { bankState } from './book.ts'

const shape = z.object({ monzo: bankState, truelayer: bankState })
export type SavedState = z.infer<typeof shape>

/** What the banks knew when they were last at work. Throws when the file is not theirs: a lab that lost its banks is no lab. */
export function loadState(file: string | undefined): SavedState {
  const text =
    file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '{"monzo":{},"truelayer":{}}'
  return shape.parse(JSON.parse(text))
}

/** Whole or not at all: a lab may be killed at any moment. */
export function saveState(file: string | undefined, state: SavedState): void {
  if (file === undefined) return
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
