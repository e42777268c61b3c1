/** The engine that is installed or built where a machine has none: everything here was tried with it. */
export const engineVersion = '3.259.0'
/** The last line of the language host that the Go module proxy serves as part of `sdk/v3`. */
export const hostVersion = '3.68.0'
/** The command package that package.json pins, and with it the plugin that the engine asks for. */
export const commandVersion = '1.2.1'
/**
 * The oldest `pulumi` on PATH that is used: the first that says by its exit code what happened (7 with
 * `--expect-no-changes`; older ones end with 255 whatever it was). The tests passed with it.
 */
export const leastEngine = '3.226.0'

/** Major, minor and patch of the first version in a text like `v3.259.0` or `v3.151.0-dev.0+dirty`. */
export function parseVersion(text: string): [number, number, number] | undefined {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text)
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined
}

/** True where `text` holds a version of the same major that is not older than `least`. */
export function isAtLeast(text: string, least: string): boolean {
  const have = parseVersion(text)
  const want = parseVersion(least)
  if (!have || !want || have[0] !== want[0]) return false
  return have[1] > want[1] || (have[1] === want[1] && have[2] >= want[2])
}
