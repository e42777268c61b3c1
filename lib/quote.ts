/** One word for a POSIX shell, whatever it holds (POSIX.1-2024, 2.2.2). */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The same, but bare where that reads better and means the same, for commands that a person copies. */
export const inCommand = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : quote(text)

/** A path of the Mac in such a command: `~/` is left to the shell, which knows the home. */
export const pathInCommand = (path: string): string =>
  path.startsWith('~/') && path.length > 2 ? `~/${inCommand(path.slice(2))}` : inCommand(path)
