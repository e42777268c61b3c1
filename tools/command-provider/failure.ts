import { accessSync, constants, statSync } from 'node:fs'
import { constants as os } from 'node:os'

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** A text in double quotes as Go's `%q` writes it: the official plugin's messages quote the command so. */
export function quoted(text: string): string {
  const inner = [...text].map((char) => {
    const known = escapes[char]
    if (known) return known
    if (char === ' ' || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(char)) return char
    const code = char.codePointAt(0) ?? 0
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
  return `"${inner.join('')}"`
}

// The names of Go's syscall.Signal, for those that end a command in practice.
const signalNames: Record<string, string> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGPIPE: 'broken pipe',
  SIGALRM: 'alarm clock',
  SIGTERM: 'terminated',
}

/** How a command ended, in the words of Go's os/exec; undefined where it ended with 0. */
export function ending(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal) return `signal: ${signalNames[signal] ?? `signal ${os.signals[signal]}`}`
  return code === 0 ? undefined : `exit status ${code}`
}

const reasons: Record<string, string> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
  E2BIG: 'argument list too long',
}

/** Why a command did not even start, in the words of Go's os/exec. */
export function notStarted(program: string, dir: string, error: NodeJS.ErrnoException): string {
  const reason = reasons[error.code ?? ''] ?? error.message
  if (!program.includes('/') && !onPath(program))
    return `exec: ${quoted(program)}: executable file not found in $PATH`
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return `chdir ${dir}: ${reason}`
  return `fork/exec ${program}: ${reason}`
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(`${folder || '.'}/${program}`, constants.X_OK)
      return true
    } catch {
      return false // not in this folder, or not executable there: the next one is asked
    }
  })
}

/** The message of a failed run, as the official plugin words it. `output` is both streams as they came. */
export const failureText = (how: string, command: string, output: string): string =>
  `${how}: running ${quoted(command)}:\n${output}`
