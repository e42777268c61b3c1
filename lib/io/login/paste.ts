import { closeSync, constants, openSync, readSync } from 'node:fs'
import { maxCallbackBytes } from '../../login/callback.ts'
import { guardTerminal } from './paste-guard.ts'

/** Reads pasted lines until it is ended. */
export type PasteReader = {
  /** false when standard input is no terminal: then nothing is read at all */
  isReading: boolean
  /** gives the terminal back as it was; more than once does no harm */
  end(): void
}

const controlC = '\u0003'
const controlU = '\u0015'
const controlZ = '\u001a'
const controlBackslash = '\u001c'
const erase = ['\u0008', '\u007f']

/** Takes what was typed and not read yet; nothing where that cannot be told. */
function keysLeft(): string {
  const keys = Buffer.alloc(maxCallbackBytes)
  let terminal: number | undefined
  try {
    terminal = openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK)
    return keys.toString('latin1', 0, readSync(terminal, keys))
  } catch {
    return '' // EAGAIN: nothing was typed
  } finally {
    if (terminal !== undefined) closeSync(terminal)
  }
}

/**
 * Reads lines from the terminal without showing them: a final address holds a code. Raw mode, since a terminal that gathers
 * lines by itself cuts them at 1024 characters on macOS; so the keys that send signals are looked after here.
 * @param line a line that is not empty; the terminal shows nothing of it
 * @param interrupt what Ctrl-C does; without it the process gets SIGINT, as it would from the terminal
 */
export function readPastes(
  line: (text: string) => void,
  interrupt: () => void = () => process.kill(process.pid, 'SIGINT'),
): PasteReader {
  const terminal = process.stdin
  if (!terminal.isTTY) return { isReading: false, end: () => undefined }
  let text = ''
  let hasEnded = false

  const type = (key: string): void => {
    if (key === controlC) interrupt()
    else if (key === controlBackslash) leaveTo('SIGQUIT', process.pid)
    // The whole group, as the terminal would: npm stands between the shell and us.
    else if (key === controlZ) leaveTo('SIGTSTP', 0)
    else if (key === controlU) text = ''
    else if (erase.includes(key)) text = text.slice(0, -1)
    else if (key === '\r' || key === '\n') enter()
    else if (text.length <= maxCallbackBytes) text += key
  }
  const enter = (): void => {
    const whole = text
    text = ''
    if (whole.trim() !== '') line(whole)
  }
  const leaveTo = (signal: NodeJS.Signals, pid: number): void => {
    restore()
    process.kill(pid, signal)
  }
  const again = (): void => void terminal.setRawMode(true)
  const read = (chunk: string): void => {
    for (const key of chunk) if (!hasEnded) type(key)
  }
  const restore = (): void => void terminal.setRawMode(false)
  // A terminal that was closed has nothing to say and nothing to be restored; SIGHUP tells the rest.
  const gone = (): void => undefined
  const end = (): void => {
    if (hasEnded) return
    hasEnded = true
    terminal.off('data', read)
    process.off('SIGCONT', again)
    // A Ctrl-C that was pressed just before made no signal: it is a key that waits to be read, and would be lost.
    const wasInterrupted = keysLeft().includes(controlC)
    restore()
    guard.dismiss()
    terminal.off('error', gone)
    terminal.pause()
    if (wasInterrupted) interrupt()
  }

  const guard = guardTerminal()
  terminal.on('error', gone)
  terminal.setEncoding('utf8')
  terminal.setRawMode(true)
  terminal.on('data', read)
  terminal.resume()
  process.on('SIGCONT', again)
  return { isReading: true, end }
}
