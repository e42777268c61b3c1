import { writeOnce } from './executable.ts'

/** The name that the built language host has: not one that the engine takes for a plugin. */
export const hostBinary = 'nodejs-language-host'

// This language host takes as flags what an official one reads from `runtime.options` in Pulumi.yaml. "$0" is absolute,
// since the engine starts it so, and the checkout may have moved since the build.
const script = `#!/bin/sh
here=\${0%/*}
exec "$here/${hostBinary}" -typescript=false "-nodeargs=--require '$here/../../../tools/compile-cache.cjs'" "$@"
`

/** Puts the script that the engine takes for its language host beside the engine, in `bin`. */
export const writeHostScript = (bin: string): void =>
  writeOnce(`${bin}/pulumi-language-nodejs`, script, 0o755)
