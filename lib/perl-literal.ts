/** What a program of ours may be given as its parameters. */
export type Plain = string | number | undefined | Plain[] | { [key: string]: Plain }

/**
 * A value as Perl source (perlop(1), single-quoted strings): nothing in it is ever interpreted, and no module has to be
 * loaded to read it.
 */
export function perlLiteral(value: Plain): string {
  if (value === undefined) return 'undef'
  if (typeof value === 'number') return String(value)
  // Perl reads a carriage return before a line end of its source as none, in strings too.
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\r', `'."\\r".'`)}'`
  if (Array.isArray(value)) return `[${value.map(perlLiteral).join(',')}]`
  return `{${Object.entries(value)
    .map(([key, one]) => `${perlLiteral(key)},${perlLiteral(one)}`)
    .join(',')}}`
}
