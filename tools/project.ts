import { projectDir } from '../lib/io/project.ts'

export { projectDir }

/** What was downloaded or built for this checkout. Ignored by git, safe to delete. */
export const toolchainDir = `${projectDir}/.toolchain`

/** The project's name in Pulumi.yaml, and the folder of its state there: a test holds them together. */
export const projectName = 'bulma'
export const stateFolder = '.state'
