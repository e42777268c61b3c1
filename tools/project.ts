import { fileURLToPath } from 'node:url'

/** The checkout: where Pulumi.yaml lies and where every command of ours runs. Without a slash at the end. */
export const projectDir = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** What was downloaded or built for this checkout. Ignored by git, safe to delete. */
export const toolchainDir = `${projectDir}/.toolchain`

/** The project's name in Pulumi.yaml, and the folder of its state there: a test holds them together. */
export const projectName = 'bulma'
export const stateFolder = '.state'
