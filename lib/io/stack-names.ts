import { readdirSync } from 'node:fs'
import { projectDir } from './project.ts'

/** The names of all stacks of a project, in order. */
export const stackNames = (project = projectDir): string[] =>
  readdirSync(project)
    .flatMap((file) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort()
