import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder of this test's own; the test removes it. The path is real: on macOS the temporary folder is behind a link. */
export const temporaryFolder = (name: string): string =>
  realpathSync(mkdtempSync(join(tmpdir(), `bulma-${name}-`)))
