import { join } from 'node:path'

/** The checkout: where Pulumi.yaml lies and where every command of ours runs. Without a slash at the end. */
export const projectDir = join(import.meta.dirname, '../..')
