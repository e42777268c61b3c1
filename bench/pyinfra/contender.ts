import { join } from 'node:path'
import type { Contender } from '../contender.ts'
import type { Way } from '../way.ts'

/** Its own command line over the deploy beside this file. It connects by paramiko, anew each time. */
export const pyinfra = (environment: string): Contender => ({
  name: 'pyinfra',
  look: (way) => pyinfraCommand(environment, way, [join(import.meta.dirname, 'check.py'), '--dry']),
  codes: [0],
  found: (out) => out.match(/(?<=^differs ).+$/gm) ?? [],
  forget: async () => {},
})

/** Anything that pyinfra does with the host: `exec -- true` is the least that it can do. */
export const pyinfraCommand = (environment: string, way: Way, words: string[]) => ({
  program: join(environment, 'bin/pyinfra'),
  args: [join(import.meta.dirname, 'inventory.py'), ...words],
  cwd: way.folder,
  env: { SSH_CONFIG: way.sshConfig, MAC: join(way.folder, '.lab/home') },
})
