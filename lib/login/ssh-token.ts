/** What the tokens of ssh_config(5), section TOKENS, stand for, by their letter. */
export type SshTokens = Readonly<Record<string, string>>

/** This machine and the person, as ssh sees them. */
export type Here = {
  home: string
  user: string
  uid: number
  /** the whole name of this machine */
  machine: string
  environment: Readonly<Record<string, string | undefined>>
}

/** The tokens that paths and commands may hold for one host. `%C`, a hash, is not among them: no key has it in its name. */
export function tokensOf(
  alias: string,
  of: { hostname: string; port: number; user: string; hostkeyalias: string | null },
  here: Here,
): SshTokens {
  return {
    '%': '%',
    d: here.home,
    h: of.hostname,
    i: String(here.uid),
    k: of.hostkeyalias ?? alias,
    L: here.machine.replace(/\..*$/s, ''),
    l: here.machine,
    n: alias,
    p: String(of.port),
    r: of.user,
    u: here.user,
  }
}

/** Replaces each `%x` of a text. @returns null when one of them is not known */
export function withTokens(text: string, tokens: SshTokens): string | null {
  let isKnown = true
  const whole = text.replace(/%(.?)/gs, (_, letter: string) => {
    const value = tokens[letter]
    if (value === undefined) isKnown = false
    return value ?? ''
  })
  return isKnown ? whole : null
}

/**
 * A path as ssh opens it: `~` and `~/` first, then tokens, then `${NAME}`.
 * @returns null for what ssh would refuse, and for the home of somebody else
 */
export function expandPath(path: string, tokens: SshTokens, here: Here): string | null {
  if (/^~[^/]/.test(path)) return null
  const whole = withTokens(
    path.replace(/^~(?=\/|$)/, () => here.home.replaceAll('%', '%%')),
    tokens,
  )
  if (whole === null) return null
  let isSet = true
  const filled = whole.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = here.environment[name]
    if (value === undefined) isSet = false
    return value ?? ''
  })
  return isSet ? filled : null
}

/**
 * The paths in one line of `ssh -G`, which prints several with a space between and no quotes, some of them expanded
 * already: the longest run of words that is a file is one path, a word that begins none is nothing.
 * @param find the file behind a path, or null
 */
export function pathsIn(line: string | null, find: (path: string) => string | null): string[] {
  const found: string[] = []
  let rest = line?.split(' ') ?? []
  while (rest.length > 0) {
    let taken = rest.length
    let file = find(rest.join(' '))
    while (file === null && taken > 1) {
      taken -= 1
      file = find(rest.slice(0, taken).join(' '))
    }
    if (file !== null) found.push(file)
    rest = rest.slice(taken)
  }
  return found
}
