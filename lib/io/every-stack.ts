import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { Problem } from '../problem.ts'
import { stackConfig } from './config-cache.ts'
import { projectDir } from './project.ts'
import { stackNames } from './stack-names.ts'

/** What came of one stack: what was asked of it, or why that could not be had. */
export type OfStack<T> = { stack: string; host: string | null } & ({ found: T } | { problem: Problem })

/** Every stack that was asked, by name, and the labs that are not up: there is nothing to look at. */
export type OfStacks<T> = { stacks: OfStack<T>[]; leftOut: string[] }

/**
 * Asks all stacks side by side. One that cannot be asked keeps no other from being.
 * @throws what is no Problem
 */
export async function everyStack<T>(
  ask: (config: Config, stack: string) => Promise<T>,
): Promise<OfStacks<T>> {
  const all = await Promise.all(stackNames().map((stack) => ofStack(stack, ask)))
  return {
    stacks: all.flatMap((one) => (typeof one === 'string' ? [] : [one])),
    leftOut: all.flatMap((one) => (typeof one === 'string' ? [one] : [])),
  }
}

async function ofStack<T>(
  stack: string,
  ask: (config: Config, stack: string) => Promise<T>,
): Promise<OfStack<T> | string> {
  let host: string | null = null
  try {
    const config = await stackConfig(stack)
    host = config.host
    if (isLabDown(config)) return stack
    return { stack, host, found: await ask(config, stack) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { stack, host, problem: error }
  }
}

/** Only a lab has its own roots, and only while it is up the file that says how to reach it. */
const isLabDown = ({ hostRoot, sshConfig }: Config): boolean =>
  hostRoot !== '' && sshConfig !== undefined && !existsSync(resolve(projectDir, sshConfig))
